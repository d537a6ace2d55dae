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

/** What a turn is begun with, besides its message. */
export function turnParams(
  { variant }: OpenOptions,
  { sandbox, approvalPolicy }: Permissions,
  { model, planning }: { model: string | null; planning: boolean },
): object {
  return {
    approvalPolicy,
    sandboxPolicy: sandboxPolicy(sandbox),
    ...(variant !== null && { effort: variant }),
    collaborationMode: {
      mode: planning ? "plan" : "default",
      settings: { model, reasoning_effort: variant, developer_instructions: null },
    },
  };
}
