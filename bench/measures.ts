import { bareTurnMeasures } from "./bare-turns.ts";
import { idleAgentMeasures } from "./idle-agents.ts";
import { ingestMeasures } from "./ingest.ts";
import { logMeasures } from "./event-log.ts";
import { inspectorMeasures } from "./inspector.ts";
import { memoryMeasures } from "./memory.ts";
import { replayMeasures } from "./replay.ts";
import { startMeasures } from "./start.ts";
import { turnMeasures } from "./turns.ts";
import type { Measure } from "./support/measure.ts";

/** Every measure, in the order in which they run. */
export const measures: readonly Measure[] = [
  ...startMeasures,
  ...ingestMeasures,
  ...replayMeasures,
  ...memoryMeasures,
  ...idleAgentMeasures,
  ...turnMeasures,
  ...bareTurnMeasures,
  ...logMeasures,
  ...inspectorMeasures,
];
