import { describeConformance } from "./run.ts";
import { amp } from "./subjects/amp.ts";

describeConformance(amp);
