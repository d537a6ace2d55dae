import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IdleMarker } from "../../support/idle-marker.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { processesWith } from "../../support/processes.ts";
import { serverStatus } from "../../support/server-status.ts";
import { shareSession } from "../../support/shared-session.ts";

const IDLE_MS = 300;
/** For tests that start the server several times, which takes seconds each on a small machine. */
const STARTS_MS = 300_000;
const parts = new AsyncDisposableStack();
let marker: IdleMarker;
let opencode: OpencodeDaemon;

beforeAll(async () => {
  marker = parts.use(await IdleMarker.create("opencode"));
  const { installDir } = marker;
  opencode = parts.use(await startOpencode({ installDir, args: ["--agent-idle", `${IDLE_MS}ms`] }));
});

afterAll(() => parts.disposeAsync());

async function servers() {
  const found = await processesWith(`HOME=${opencode.home.dir}`);
  return found.filter(({ command }) => command.includes(" serve "));
}

/** Waits until the server has been let go. */
async function untilReleased(): Promise<void> {
  await expect.poll(servers).toEqual([]);
  const status = await serverStatus(opencode.daemon.url, "opencode");
  expect(status).toEqual({ status: "stopped", restartCount: 0 });
}

/** The server's process after the release of a process that became idle later. */
async function afterIdle(): Promise<number[]> {
  await marker.released(opencode.daemon);
  return (await servers()).map(({ pid }) => pid);
}

// The tests share one session and run in order, because each start of the server takes seconds.
describe("an idle server", { timeout: STARTS_MS }, () => {
  const shared = shareSession(() => opencode);

  afterAll(() => expect(shared.session.of("error")).toEqual([]));

  it("ends before the first message, which starts another one", async () => {
    await untilReleased();
    expect(await shared.session.run("remember me @@text@@")).toMatchObject({ status: "completed" });
  });

  it("ends after a turn, and the next message goes on with the same conversation", async () => {
    const { session } = shared;
    await untilReleased();
    const before = await session.info();
    expect(before).toMatchObject({ status: "idle", ended: false });
    expect(await session.run("go on @@text@@")).toMatchObject({ status: "completed" });
    expect((await session.info()).nativeSessionId).toBe(before.nativeSessionId);
    const seen = JSON.stringify(opencode.model.requests.at(-1)?.body);
    expect(seen).toContain("remember me @@text@@");
  });

  it("stays for a running turn, also of another session than the one that rests", async () => {
    const { session } = shared;
    opencode.model.script("stays", [reply([text("Starting "), hold("stays")])]);
    const turn = await session.send("go @@stays@@");
    await opencode.model.reached("stays");
    await opencode.session(async (other) => {
      await other.run("hi @@text@@");
      expect(await afterIdle()).toHaveLength(1);
    });
    opencode.model.release("stays");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    await untilReleased();
  });

  it("is followed by one that keeps the rules of the conversation", async () => {
    const { session } = shared;
    const turn = await session.send("now @@bash@@");
    await session.reply("once");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(await serverStatus(opencode.daemon.url, "opencode")).toMatchObject({
      status: "running",
      restartCount: 0,
    });
  });

  it("stays while a permission of a subagent is open, and ends after the turn", async () => {
    const { session } = shared;
    const turn = await session.send("go @@subagentwrite@@");
    const asked = await session.permission();
    expect(await afterIdle()).toHaveLength(1);
    await session.replyTo(asked, "once");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    await untilReleased();
  });
});
