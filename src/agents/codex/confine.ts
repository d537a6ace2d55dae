import { rm } from "node:fs/promises";
import { parse } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createPrivateFolder } from "../../io/private-folder.ts";
import type { AgentOutput, OpenOptions } from "../agent.ts";
import { statusItem } from "./items.ts";

/** Codex takes 0.1 s to confine a program (0.169.0). */
const LIMIT_MS = 10_000;

/** What clients are told where it cannot. */
export const NOT_CONFINED =
  "Codex cannot confine commands on this machine, which grants it no namespaces: what is allowed runs unconfined, and everything is asked for";

/** Who is told nothing would take commands for confined. */
export function freedomNotice({
  confined,
  permissionMode,
}: {
  confined: boolean;
  permissionMode: string;
}): AgentOutput[] {
  if (confined || permissionMode === "bypass") return [];
  const item = statusItem("warning", NOT_CONFINED);
  return [{ type: "item.completed", item, synthetic: true }];
}

/** The environment, the user's group and the start of the process that tries the sandbox. */
interface TrialOptions extends Pick<OpenOptions, "startChild" | "childGroup"> {
  env: Record<string, string>;
}

/**
 * Reports if Codex can confine commands on this machine. It requests namespaces of the kernel, which
 * many containers do not grant. Without them a confined session cannot run any command.
 */
export async function canConfine(
  executable: string,
  { env, startChild, childGroup }: TrialOptions,
): Promise<boolean> {
  const args = ["sandbox", "--", "/bin/true"];
  // The user's own configuration must not matter: with a mistake in it nothing would be tried.
  const home = createPrivateFolder("sandbox-agent-", {
    group: childGroup,
    ...(env["TMPDIR"] && { parent: env["TMPDIR"] }),
  });
  const child = startChild({
    file: executable,
    args,
    cwd: parse(executable).root,
    env: { ...env, CODEX_HOME: home },
    stdin: "ignore",
  });
  const given = new AbortController();
  const late = sleep(LIMIT_MS, undefined, { signal: given.signal }).catch(() => undefined);
  try {
    const exit = await Promise.race([child.exited, late]);
    return exit?.code === 0;
  } finally {
    given.abort();
    await child.end({ graceMs: 0 });
    await rm(home, { recursive: true, force: true });
  }
}
