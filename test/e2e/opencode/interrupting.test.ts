import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { type OpencodeDaemon, startOpencode, askServer } from "../../support/opencode-daemon.ts";
import { LaterEvents } from "../../support/shared-session.ts";

/** For tests that open many directories, which takes a second each on a small machine. */
const MANY_MS = 600_000;
let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode();
});

afterAll(() => opencode[Symbol.asyncDispose]());

/** Sends a message, interrupts it after so long, and uses the session. */
async function interruptAfter(session: LiveSession, delayMs: number): Promise<void> {
  const turn = await session.send("go @@slow@@");
  // The moment of the interrupt is the stimulus.
  await sleep(delayMs);
  await session.interrupt();
  expect(await session.turnEnded(turn), `${delayMs} ms`).toMatchObject({ status: "interrupted" });
  expect(await session.run("and now @@text@@"), `${delayMs} ms`).toMatchObject({
    status: "completed",
    usage: { total_tokens: 192 },
  });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
  expect(session.of("error")).toEqual([]);
}

describe(
  "an interrupt on a server on which nothing has been done yet",
  { timeout: MANY_MS },
  () => {
    const interruptFirst = (fresh: OpencodeDaemon, delayMs: number) =>
      fresh.session((session) => interruptAfter(session, delayMs), {
        model: "anthropic/claude-scripted-1",
      });

    // First of all tests: the session starts the server of this file.
    it("(after 0 ms) leaves it usable", () => interruptFirst(opencode, 0));

    it("(after 300 ms) leaves it usable", async () => {
      await using fresh = await startOpencode();
      await interruptFirst(fresh, 300);
    });
  },
);

describe.concurrent("an interrupt at any moment", { timeout: MANY_MS }, () => {
  it.each([0, 20, 50, 100, 200, 300, 500, 700, 900, 1200, 1600, 2000])(
    "(after %i ms) leaves a directory usable that was being opened",
    (delayMs) => opencode.session((session) => interruptAfter(session, delayMs)),
  );

  it("leaves a session usable that has been used", () =>
    opencode.session(async (session) => {
      await session.run("hi @@text@@");
      for (const delayMs of [0, 10, 30, 60, 100, 200, 400, 800]) {
        await interruptAfter(session, delayMs);
      }
    }));
});

it(
  "an interrupt that the server does not hear is made up for before the next message",
  { timeout: MANY_MS },
  () =>
    opencode.session(async (session) => {
      const first = await session.send("go @@slow@@");
      await session.until("item.delta");
      const [server] = await opencode.agentProcesses();
      process.kill(server?.pid ?? 0, "SIGSTOP");
      let second: string;
      try {
        await session.interrupt();
        expect(await session.turnEnded(first)).toMatchObject({ status: "interrupted" });
        second = await session.send("and now @@text@@");
      } finally {
        process.kill(server?.pid ?? 0, "SIGCONT");
      }
      expect(await session.turnEnded(second)).toMatchObject({
        status: "completed",
        usage: { total_tokens: 192 },
      });
      expect(session.said().at(-1)).toBe("Hello from the scripted model.");
      const begun = session.of("turn.started").at(-1)?.sequence ?? 0;
      const later = session.of("item.started").filter(({ sequence }) => sequence > begun);
      expect(later.map(({ data }) => data.item.role)).toEqual(["user", "assistant"]);
    }),
);

it("an interrupt leaves no open permission and no open question on the server", () =>
  opencode.session(async (session, directory) => {
    const expectNothingLeft = async (turn: string, path: "/permission" | "/question") => {
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(await askServer(opencode, path, directory)).toEqual([]);
      expect(await askServer(opencode, "/session/status", directory)).toEqual({});
    };
    // One permission, two, and one of a subagent.
    for (const script of ["bash", "parallel", "subagentwrite"]) {
      const later = new LaterEvents(session);
      const turn = await session.send(`go @@${script}@@`);
      await later.until("permission.requested");
      const open = async () =>
        expect(await askServer(opencode, "/permission", directory), script).not.toEqual([]);
      await vi.waitFor(open, { timeout: 60_000 });
      await expectNothingLeft(turn, "/permission");
      expect((await session.info()).pendingPermissions, script).toEqual([]);
    }
    const turn = await session.send("go @@ask@@");
    await session.question();
    await expectNothingLeft(turn, "/question");
  }));
