import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAmpServer } from "../../support/amp/server.ts";
import { AMP_KEY, type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import { startDaemon } from "../../support/daemon.ts";
import { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { realAgent } from "../../support/real-agents.ts";
import { temporaryHome } from "../../support/sandbox.ts";

let amp: AmpDaemon;

beforeAll(async () => {
  amp = await startAmp();
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
    .poll(() => session.processes())
    .toContainEqual(expect.objectContaining({ command: expect.stringContaining("long.started") }));
  return turn;
}

async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
  expect(session.of("error")).toEqual([]);
}

// Amp exits when it is interrupted, so each interrupt costs one start of Amp.
it("an interrupt ends the answer, the command or the permission of a turn, and the next message continues the thread", () =>
  amp.session(async (session, directory) => {
    await session.run("remember me @@text@@");
    const { nativeSessionId } = await session.info();
    const expectContinues = async () => {
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ nativeSessionId });
      expect(JSON.stringify(amp.model.requests.at(-1)?.messages)).toContain("remember me");
    };

    const speaking = await session.send(neverEnds("speaking"));
    await amp.model.reached("speaking");
    await session.interrupt();
    expect(await session.turnEnded(speaking)).toMatchObject({ status: "interrupted" });
    await expectContinues();

    const asking = await session.send("go @@bash@@");
    const asked = await session.permission();
    await session.interrupt();
    expect(await session.turnEnded(asking)).toMatchObject({ status: "interrupted" });
    expect(session.of("permission.resolved")).toMatchObject([
      { data: { status: "reject", metadata: { reason: "interrupted" } } },
    ]);
    await expect(session.replyTo(asked, "once")).rejects.toThrow("already resolved");
    await expect.poll(() => session.processes()).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
    await expectContinues();

    const commanding = await startLongCommand(session);
    await session.interrupt();
    expect(await session.turnEnded(commanding)).toMatchObject({ status: "interrupted" });
    await expect.poll(() => session.processes()).toEqual([]);
    await expectContinues();
  }));

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
