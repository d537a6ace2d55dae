import { describeConformance } from "./run.ts";
import { codex } from "./subjects/codex.ts";

describeConformance(codex);
