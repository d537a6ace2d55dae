import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { expectUsable, StandInDaemon } from "../../support/stand-in.ts";

const MiB = 2 ** 20;

let daemon: StandInDaemon;

beforeAll(async () => {
  daemon = await StandInDaemon.start();
});

afterAll(() => daemon[Symbol.asyncDispose]());

/** The stand-in has come to what it does wrong before the first message. */
const arrived = async (session: LiveSession) => {
  const { directory } = await session.info();
  while (!existsSync(join(directory ?? "", "misbehaved"))) await sleep(20);
};
const speaking = (session: LiveSession) => session.until("item.delta");
const permitting = (session: LiveSession) => session.permission();
const permitted = (session: LiveSession) => session.reply("once");
const asking = (session: LiveSession) => session.question();

const large = "x".repeat(8 * MiB);

interface Hang {
  how: string;
  /** What goes wrong before the first message. */
  fault?: string;
  message: string;
  /** When it hangs. */
  until: (session: LiveSession) => Promise<unknown>;
}

const hangs: Hang[] = [
  { how: "never answers the handshake", fault: "handshake/hang", message: "hello", until: arrived },
  { how: "hangs in mid turn", message: "turn/hang", until: speaking },
  {
    how: "ignores the request to stop",
    message: "turn/ignore-requests+hang",
    until: speaking,
  },
  {
    how: "ignores it with a permission open",
    message: "permission/ignore-requests+hang",
    until: permitting,
  },
  {
    how: "ignores it with a question open",
    message: "question/ignore-requests+hang",
    until: asking,
  },
  {
    how: "ignores it, the end of its input and SIGTERM",
    message: "turn/ignore-requests+ignore-eof+ignore-sigterm+hang",
    until: speaking,
  },
  {
    how: "reads nothing any more when it is permitted what it asked for",
    message: "permission/stop-reading",
    until: permitted,
  },
  {
    how: "never reads a message larger than its pipe",
    fault: "ready/stop-reading",
    message: large,
    until: arrived,
  },
];

/** Brings a session to where it hangs; gives the turn that does not end. */
async function hangUp(session: LiveSession, { message, until }: Hang): Promise<string> {
  const turn = await session.send(message);
  await until(session);
  await daemon.expectServing();
  expect(session.of("turn.ended")).toEqual([]);
  expect(await session.info()).toMatchObject({ status: "running" });
  return turn;
}

// At once: most of the time is waiting for a deadline.
describe.concurrent.each(hangs)("an agent that $how", { timeout: 60_000 }, (hang) => {
  const options = hang.fault === undefined ? {} : { fault: hang.fault };

  it("can be interrupted, and answers the next message", () =>
    daemon.session(async (session) => {
      const turn = await hangUp(session, hang);
      await Promise.all([session.interrupt(), daemon.expectServing()]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("error")).toEqual([]);
      await expectUsable(session);
    }, options));

  it("can be terminated", () =>
    daemon.session(async (session) => {
      await hangUp(session, hang);
      await Promise.all([session.finish(), daemon.expectServing()]);
      expect(session.of("turn.ended").map(({ data }) => data.metadata.status)).toEqual([
        "interrupted",
      ]);
      expect(session.of("session.ended")).toMatchObject([{ data: { reason: "terminated" } }]);
    }, options));
});

describe("a process that the agent leaves behind in a session of its own, holding stdout,", () => {
  it.each([
    ["silent", "turn/leave-grandchild+exit-1", false],
    ["printing for ever", "turn/leave-noisy-grandchild+exit-1", true],
  ])("%s, does not keep the turn from failing and goes with it", (_, fault, garbled) =>
    daemon.session(
      async (session) => {
        const [ended] = await Promise.all([session.run(fault), daemon.expectServing()]);
        expect(ended).toMatchObject({ status: "failed", error: { code: "process_exit" } });
        await expect.poll(() => session.processes(), { timeout: 5000 }).toEqual([]);
        await expectUsable(session);
      },
      { garbled },
    ),
  );

  it("goes with the session", () =>
    daemon.session(async (session) => {
      expect(await session.run("turn/leave-grandchild")).toMatchObject({ status: "completed" });
      expect(await session.processes()).toHaveLength(2);
      await session.finish();
    }));
});
