import { ampRecorder } from "./amp/recorder.ts";
import { claudeRecorder } from "./claude/recorder.ts";
import { codexRecorder } from "./codex/recorder.ts";
import { opencodeRecorder } from "./opencode/recorder.ts";
import type { Recorder } from "./recorder.ts";

/** The recorders of all agents. */
export const all: readonly Recorder[] = [
  claudeRecorder,
  codexRecorder,
  opencodeRecorder,
  ampRecorder,
];
