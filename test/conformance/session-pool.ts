import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { OpenSession, SessionBody, SessionWork } from "../support/agent-daemon.ts";
import type { Rig } from "./contract/scenario.ts";

/** Sessions of a daemon that scenarios use in turn, because each start of an agent is expensive. */
export class SessionPool {
  readonly #rig: Rig;
  /** Sessions without a user, by the body that created them. */
  readonly #idle = new Map<string, OpenSession[]>();

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  /**
   * Works in a session that was created with `body`. Its directory is empty, and it shows no event
   * of an earlier scenario. A session whose scenario fails is not used again.
   */
  async use(work: SessionWork, body: SessionBody = {}): Promise<void> {
    const key = JSON.stringify(body);
    const idle = this.#idle.get(key) ?? [];
    this.#idle.set(key, idle);
    const open = idle.pop() ?? (await this.#rig.open(body));
    const { session, directory } = open;
    await session.hideEvents();
    await emptyDirectory(directory);
    await work(session, directory);
    expect(await session.info()).toMatchObject({
      status: "idle",
      pendingPermissions: [],
      pendingQuestions: [],
    });
    idle.push(open);
  }

  /** Finishes the sessions, with the checks of every session. */
  async finish(): Promise<void> {
    const sessions = [...this.#idle.values()].flat();
    this.#idle.clear();
    for (const { finish } of sessions) await finish();
  }
}

async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    await rm(join(directory, name), { recursive: true });
  }
}
