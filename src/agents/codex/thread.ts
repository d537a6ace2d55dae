import type { OpenOptions } from "../agent.ts";
import { type Permissions, sandboxPolicy } from "./launch.ts";

/** What a thread is begun or resumed with. */
export function threadParams(
  { directory, model, sessionEnv }: OpenOptions,
  { sandbox, approvalPolicy }: Permissions,
): object {
  return {
    cwd: directory,
    approvalPolicy,
    sandbox,
    ...(model !== null && { model }),
    // The server is everybody's: what it starts for this session gets the session's variables.
    config: { "shell_environment_policy.set": sessionEnv },
  };
}

/** What a turn is to be like: as the thread has it, and whether it is to plan. */
export interface TurnSettings {
  model: string | null;
  effort: string | null;
  planning: boolean;
}

/** What a turn is begun with, besides its message. */
export function turnParams(
  { variant }: OpenOptions,
  { sandbox, approvalPolicy }: Permissions,
  { model, effort, planning }: TurnSettings,
): object {
  return {
    approvalPolicy,
    sandboxPolicy: sandboxPolicy(sandbox),
    ...(variant !== null && { effort: variant }),
    collaborationMode: {
      mode: planning ? "plan" : "default",
      // Nothing here would be none: what the user has configured would not count (0.169.0).
      settings: { model, reasoning_effort: variant ?? effort, developer_instructions: null },
    },
  };
}
