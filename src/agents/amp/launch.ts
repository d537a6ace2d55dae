import type { Abilities } from "./probe.ts";

/** What clients of the older API call the model that Amp itself chooses. */
const ANY = "amp-default";

/** What decides the command line of a process. */
export interface Launch {
  permissionMode: string;
  /** The agent mode; null leaves it to the CLI. */
  model: string | null;
  /** The thread to go on with; null begins one. */
  threadId: string | null;
  /** The settings that make it ask; undefined where it asks for nothing. */
  settingsFile: string | undefined;
  abilities: Abilities;
}

/** The command line of a process. */
export function launchArguments(launch: Launch): string[] {
  const { permissionMode, model, threadId, settingsFile, abilities } = launch;
  return [
    ...(threadId === null ? [] : ["threads", "continue", threadId]),
    // In one word with its option: a name that begins with a dash is no option of its own.
    ...(model === null || model === ANY ? [] : [`--mode=${model}`]),
    ...(settingsFile === undefined ? [] : [`--settings-file=${settingsFile}`]),
    ...(permissionMode === "bypass" ? ["--dangerously-allow-all"] : []),
    "--no-ide",
    // It would hide the thread from its user after the first process (0.0.1790142911).
    ...(abilities.serverLoop && threadId === null ? ["--no-archive-after-execute"] : []),
    "--stream-json-thinking",
    "--stream-json-input",
    "--execute",
  ];
}

/** The environment of a process: it must not replace itself, nor look whether it could. */
export function launchEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return { ...env, AMP_SKIP_UPDATE_CHECK: "1" };
}
