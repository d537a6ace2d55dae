import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { detectPlatform } from "../../src/install/platform.ts";
import { SESSION_MARKER } from "./live-session.ts";
import { REAL_AGENTS } from "./real-agents.ts";

const MISBEHAVES = fileURLToPath(new URL("../fixtures/bin/misbehaves.mjs", import.meta.url));

/** The agents that have a stand-in. */
export type StandInId = "claude" | "codex" | "opencode" | "amp";

/** What differs from stand-in to stand-in. */
export const STAND_INS = {
  claude: { shared: false, kind: "type" },
  codex: { shared: true, kind: "method" },
  opencode: { shared: true, kind: "type" },
  amp: { shared: false, kind: "type" },
} as const satisfies Record<StandInId, { shared: boolean; kind: "type" | "method" }>;

/** Those that can be made to say, ask and stop as Claude does. */
export const standInIds = ["claude", "codex", "opencode"] as const satisfies StandInId[];

/** The executable of a stand-in, of which each session has its own: so a server that it shares is its own too. */
export class StandInExecutable {
  readonly agent: StandInId;
  readonly version: string;
  /** Names its processes in their environment. */
  readonly mark: string;
  readonly path: string;
  readonly #folder: string;

  constructor(installDir: string, agent: StandInId, version: string) {
    this.agent = agent;
    this.version = version;
    this.mark = `${agent}-${version}-${installDir}`;
    this.#folder = join(installDir, agent, version);
    this.path = join(this.#folder, executableOf(agent));
  }

  /** Becomes what a session takes that asks for no version. */
  async becomeCurrent(): Promise<void> {
    await symlink(this.version, join(dirname(this.#folder), "current"));
  }

  /** Where it leaves a mark when it has come to what goes wrong before the first message. */
  get arrived(): string {
    return join(this.#folder, "misbehaved");
  }

  /**
   * Writes it, whatever is in its place; `fault` is what goes wrong before the first message, in the
   * next process or in each.
   */
  async write(fault?: string, when: "once" | "always" = "once"): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await mkdir(dirname(this.path), { recursive: true });
    const { shared } = STAND_INS[this.agent];
    await writeStandIn(this.path, this.agent, {
      MISBEHAVES_IN: this.#folder,
      ...(fault !== undefined && { MISBEHAVES: fault, MISBEHAVES_WHEN: when }),
      ...(shared && { [SESSION_MARKER]: this.mark }),
    });
  }

  /** Puts something else in its place. */
  async replaceBy(content: string | Buffer): Promise<void> {
    await rm(this.path);
    await writeFile(this.path, content, { mode: 0o755 });
  }

  /** Nobody may run it any more. */
  async forbid(): Promise<void> {
    await chmod(this.path, 0o644);
  }
}

/** Makes an executable that is the stand-in of an agent, with variables of its own. */
export async function writeStandIn(
  path: string,
  agent: StandInId = "claude",
  env: Record<string, string> = {},
): Promise<void> {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
  // Codex is asked whether its sandbox works here, which needs no start of Node.
  const probe = agent === "codex" ? `[ "$1" = sandbox ] && exit\n` : "";
  const run = `exec '${process.execPath}' '${MISBEHAVES}' ${agent} "$@"\n`;
  await writeFile(path, `#!/bin/sh\n${variables.join("")}${probe}${run}`, { mode: 0o755 });
}

function executableOf(agent: StandInId): string {
  const platform = detectPlatform();
  const target = platform && REAL_AGENTS[agent].recipe.platformPackage(platform);
  if (!target) throw new Error(`no ${agent} for this machine`);
  return target.executable;
}
