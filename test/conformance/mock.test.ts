import { describeConformance } from "./run.ts";
import { mock } from "./subjects/mock.ts";

describeConformance(mock);
