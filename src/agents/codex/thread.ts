import type { OpenOptions } from "../agent.ts";
import { modeOf, type Permissions, permissionsOf, sandboxPolicy } from "./launch.ts";
import { ThreadAnswer } from "./protocol.ts";
import type { ProjectParams } from "./project.ts";
import { type Rpc, understood } from "./rpc.ts";
import type { CodexServer } from "./server.ts";

/** What a session needs besides its options, as far as its thread depends on it. */
export interface ThreadOptions extends OpenOptions {
  /** Whether Codex can confine commands on this machine. */
  confined: boolean;
}

/** The options of a thread, with the server that the sessions share. */
export interface CodexSessionOptions extends ThreadOptions {
  server: CodexServer;
}

/** What a thread is begun or resumed with. */
export function threadParams(
  options: ThreadOptions,
  planning: boolean,
  project: ProjectParams,
): object {
  const { directory, model, sessionEnv } = options;
  const { sandbox, approvalPolicy } = permissionsIn(options, planning);
  return {
    cwd: directory,
    approvalPolicy,
    sandbox,
    ...(model !== null && { model }),
    // The server is everybody's: what it starts for this session gets the session's variables.
    ...project,
    config: { ...project.config, "shell_environment_policy.set": sessionEnv },
  };
}

/** What a turn is to be like: as the thread has it, and whether it is to plan. */
export interface TurnSettings {
  model: string | null;
  effort: string | null;
  planning: boolean;
}

/** Resumes a thread, or begins one where none is named. */
export async function openThread(
  rpc: Rpc,
  threadId: string | null,
  params: object,
): Promise<ThreadAnswer> {
  const method = threadId === null ? "thread/start" : "thread/resume";
  const known = threadId === null ? {} : { threadId, excludeTurns: true };
  return understood(ThreadAnswer, await rpc.request(method, { ...params, ...known }), method);
}

/** What a turn is begun with, besides its message. */
export function turnParams(options: ThreadOptions, settings: TurnSettings): object {
  const { variant } = options;
  const { model, effort, planning } = settings;
  const { sandbox, approvalPolicy } = permissionsIn(options, planning);
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

function permissionsIn(
  { permissionMode, confined }: ThreadOptions,
  planning: boolean,
): Permissions {
  return permissionsOf(modeOf(permissionMode, planning), confined);
}
