import { describeConformance } from "./run.ts";
import { opencode } from "./subjects/opencode.ts";

describeConformance(opencode);
