import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { LiveSession } from "./live-session.ts";
import { realAgent, type RealAgentId } from "./real-agents.ts";
import { expectUsable } from "./stand-in.ts";
import { STAND_INS, StandInExecutable } from "./stand-ins.ts";

/**
 * An install directory with a real agent and with the stand-in of another one. The release of the
 * stand-in proves that a process of the same daemon which became idle earlier has not been released
 * by the same idle time.
 */
export class IdleMarker implements AsyncDisposable {
  readonly installDir: string;
  readonly #executable: StandInExecutable;
  #sessions = 0;

  private constructor(installDir: string, executable: StandInExecutable) {
    this.installDir = installDir;
    this.#executable = executable;
  }

  static async create(id: RealAgentId): Promise<IdleMarker> {
    const real = await realAgent(id);
    const installDir = await mkdtemp(join(tmpdir(), "sa-idle-"));
    await symlink(join(real.installDir, id), join(installDir, id));
    const executable = new StandInExecutable(installDir, id === "amp" ? "codex" : "amp", "0.0.1");
    await executable.write();
    return new IdleMarker(installDir, executable);
  }

  /** Waits until a daemon with this install directory has released a process that was used just now. */
  async released({ url }: { url: string }): Promise<void> {
    const { agent, version, mark } = this.#executable;
    const options = STAND_INS[agent].shared ? { mark } : {};
    const id = `marker${++this.#sessions}`;
    const session = await LiveSession.open(url, id, { agent, agentVersion: version }, options);
    await expectUsable(session);
    const released = async () => expect(await session.processes()).toEqual([]);
    await vi.waitFor(released, { timeout: 60_000 });
    await session.finish([], STAND_INS[agent]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.installDir, { recursive: true });
  }
}
