import { describeConformance } from "./run.ts";
import { claude } from "./subjects/claude.ts";

describeConformance(claude);
