import type { OpenOptions } from "../agent.ts";

/** How a process takes up its session: anew under an id of ours, or from the CLI's own record. */
export type Beginning = "new" | "resume";

const BYPASS = "bypassPermissions";

/** The command line of a session, besides what every process of ours is given. */
export function launchArguments(
  options: Pick<
    OpenOptions,
    "agentMode" | "permissionMode" | "repositorySettings" | "model" | "variant"
  >,
  nativeSessionId: string,
  beginning: Beginning,
  /** The CLI's own word for the permission mode that a process before this one has come to. */
  nativeMode?: string,
): string[] {
  const { model, variant, repositorySettings } = options;
  return [
    beginning === "new" ? "--session-id" : "--resume",
    nativeSessionId,
    ...permissionArguments(options, nativeMode),
    // Drops the project's hooks, MCP servers, helpers and variables, and its CLAUDE.md (2.1.330).
    ...(repositorySettings === "ignore" ? ["--setting-sources=user"] : []),
    // In one word with its option: a name that begins with a dash is no option of its own.
    ...(model === null ? [] : [`--model=${model}`]),
    ...(variant === null ? [] : [`--effort=${variant}`]),
  ];
}

function permissionArguments(
  { agentMode, permissionMode }: Pick<OpenOptions, "agentMode" | "permissionMode">,
  nativeMode: string | undefined,
): string[] {
  const bypass = permissionMode === "bypass";
  if (nativeMode !== undefined && nativeMode !== BYPASS) {
    const mode = ["--permission-mode", nativeMode];
    return bypass ? [...mode, "--allow-dangerously-skip-permissions"] : mode;
  }
  if (agentMode === "plan" || permissionMode === "plan") return ["--permission-mode", "plan"];
  if (bypass) return ["--dangerously-skip-permissions"];
  if (permissionMode === "acceptEdits") return ["--permission-mode", "acceptEdits"];
  return ["--permission-mode", "default"];
}

/** Whether stderr says that the other beginning is the right one (2.1.330). */
export function shouldBeginOtherwise(beginning: Beginning, stderr: string): boolean {
  return beginning === "new"
    ? /Session ID \S{1,64} is already in use/.test(stderr)
    : /No conversation found with session ID/.test(stderr);
}
