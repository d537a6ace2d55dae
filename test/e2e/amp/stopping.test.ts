import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAmpServer } from "../../support/amp/server.ts";
import { AMP_KEY, AmpDaemon } from "../../support/amp-daemon.ts";
import { startDaemon } from "../../support/daemon.ts";
import { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { realAgent } from "../../support/real-agents.ts";
import { temporaryHome } from "../../support/sandbox.ts";

let amp: AmpDaemon;

beforeAll(async () => {
  amp = await AmpDaemon.start();
});

afterAll(() => amp[Symbol.asyncDispose]());

/** Makes the model wait in mid answer at a gate that nobody opens. */
function neverEnds(name: string): string {
  amp.model.script(name, [reply([text("Starting "), hold(name)])]);
  return `go @@${name}@@`;
}

/** Sends a message whose command runs until it is ended, and waits until it runs. */
async function startLongCommand(session: LiveSession): Promise<string> {
  const turn = await session.send("go @@bashlong@@");
  await session.reply("once");
  await expect
    .poll(() => session.processes(), { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ command: expect.stringContaining("long.started") }));
  return turn;
}

async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
  expect(session.of("error")).toEqual([]);
}

describe("an interrupt", () => {
  it("while the model speaks ends the turn; the next message goes on with the thread", () =>
    amp.session(async (session) => {
      await session.run("remember me @@text@@");
      const { nativeSessionId } = await session.info();
      const turn = await session.send(neverEnds("speaking"));
      await amp.model.reached("speaking");
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ nativeSessionId });
      expect(JSON.stringify(amp.model.requests.at(-1)?.messages)).toContain("remember me");
    }));

  it("while a command runs ends the command", () =>
    amp.session(async (session) => {
      const turn = await startLongCommand(session);
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expect.poll(() => session.processes(), { timeout: 5000 }).toEqual([]);
      await expectUsable(session);
    }));

  it("while a permission is open rejects it", () =>
    amp.session(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      const asked = await session.permission();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("permission.resolved")).toMatchObject([
        { data: { status: "reject", metadata: { reason: "interrupted" } } },
      ]);
      await expect(session.replyTo(asked, "once")).rejects.toThrow("unknown permission id");
      await expect.poll(() => session.processes(), { timeout: 5000 }).toEqual([]);
      expect(await readdir(directory)).toEqual([]);
      await expectUsable(session);
    }));

  it("right after the first message ends its turn while the process still starts", () =>
    amp.session(async (session) => {
      const turn = await session.send(neverEnds("starting"));
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
    }));

  it("right after a later message ends its turn before the model is asked, or soon after", () =>
    amp.session(async (session) => {
      await session.run("hi @@text@@");
      for (const name of ["soon-1", "soon-2", "soon-3"]) {
        const turn = await session.send(neverEnds(name));
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      }
      await expectUsable(session);
    }));

  it("lets the messages that wait have their turns", () =>
    amp.session(async (session) => {
      const first = await session.send(neverEnds("waited-for"));
      const second = await session.send("second @@text@@");
      await amp.model.reached("waited-for");
      await session.interrupt();
      expect(await session.turnEnded(first)).toMatchObject({ status: "interrupted" });
      expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
    }));

  it("of an idle session does nothing", () =>
    amp.session(async (session) => {
      await session.run("hi @@text@@");
      const before = session.events.length;
      await session.interrupt();
      expect(await session.info()).toMatchObject({ status: "idle", eventCount: before });
      expect(await session.processes()).toHaveLength(1);
      await expectUsable(session);
    }));
});

describe("the end of a session", () => {
  it("in mid command ends the command and every turn", () =>
    amp.session(async (session) => {
      await startLongCommand(session);
      await session.send("never begun");
      await session.terminate();
      expect(await session.processes()).toEqual([]);
      const [running, queued] = session.of("turn.ended").map(({ data }) => data);
      expect(running).toMatchObject({ turn_id: "turn_1", metadata: { status: "interrupted" } });
      expect(queued).toMatchObject({ turn_id: "turn_2", metadata: { status: "interrupted" } });
    }));

  it("with an open permission rejects it", () =>
    amp.session(async (session) => {
      await session.send("go @@bash@@");
      await session.permission();
      await session.terminate();
      expect(await session.until("permission.resolved")).toMatchObject({
        data: { status: "reject", metadata: { reason: "terminated" } },
      });
    }));

  it("while its process starts leaves none", () =>
    amp.session(async (session) => {
      await session.send(neverEnds("never"));
      await session.terminate();
      expect(await session.processes()).toEqual([]);
      expect(await session.until("turn.ended")).toMatchObject({
        data: { metadata: { status: "interrupted" } },
      });
    }));
});

it("the death of the daemon while a permission is open allows nothing", async () => {
  await using home = await temporaryHome();
  await using model = await startAmpServer();
  const { installDir } = await realAgent("amp");
  await using daemon = await startDaemon({
    home,
    args: ["--no-token", "--install-dir", installDir],
    env: { AMP_API_KEY: AMP_KEY, AMP_URL: model.url },
  });
  const session = await LiveSession.open(daemon.url, "s", { agent: "amp" });
  await session.send("go @@bash@@");
  await session.permission();
  process.kill(daemon.pid, "SIGKILL");
  await daemon.exited;
  await session.abandon();
  await expectNoProcesses(home.dir);
  expect(await readdir(home.work)).toEqual([]);
});
