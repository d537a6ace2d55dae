import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import { assertWellFormed } from "../../support/conformance.ts";
import { LiveSession } from "../../support/live-session.ts";
import { type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { processesWith } from "../../support/processes.ts";

// The real ones, which the kernel keeps from running.
describe.each([
  ["codex", " app-server", () => startCodex()],
  ["opencode", " serve ", () => startOpencode()],
] as const)("a server of %s that answers nothing", { timeout: 300_000 }, (agent, word, start) => {
  let real: CodexDaemon | OpencodeDaemon;

  beforeAll(async () => {
    real = await start();
  });

  afterAll(() => real[Symbol.asyncDispose]());

  /** Stops the server, and gives its pid. */
  async function stopServer(): Promise<number> {
    const found = await processesWith(`HOME=${real.home.dir}`);
    const server = found.find(({ command }) => command.includes(word));
    if (!server) throw new Error("no server");
    process.kill(server.pid, "SIGSTOP");
    return server.pid;
  }

  /** Waits until a message is in a pipe or socket of the stopped server. */
  async function untilHandedOver(pid: number): Promise<void> {
    const command = await readFile(`/proc/${pid}/cmdline`, "latin1");
    const port = /--port\0(\d+)/.exec(command)?.[1];
    // Codex gets the message through its input at once.
    if (port === undefined) return;
    const local = `:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
    const unread = async () =>
      (await readFile("/proc/net/tcp", "latin1"))
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .some(
          ([, address = "", , , queues = ""]) =>
            address.endsWith(local) && !queues.endsWith(":00000000"),
        );
    await expect.poll(unread).toBe(true);
  }

  async function expectUsable(session: LiveSession): Promise<void> {
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    expect(session.said().at(-1)).toBe("Hello from the scripted model.");
  }

  it("is ended by an interrupt: the turns of other sessions fail, and all go on with the next one", () =>
    real.session(async (other) =>
      real.session(async (session) => {
        const waiting = await other.send("go @@slow@@");
        const turn = await session.send("go @@slow@@");
        await Promise.all([other.until("item.delta"), session.until("item.delta")]);
        const pid = await stopServer();
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
        expect(await other.turnEnded(waiting)).toMatchObject({
          status: "failed",
          error: { code: "process_exit", message: expect.stringContaining("no answer to") },
        });
        expect(session.of("error")).toEqual([]);
        const { nativeSessionId } = await session.info();
        await Promise.all([expectUsable(session), expectUsable(other)]);
        expect(await session.info()).toMatchObject({ nativeSessionId });
        const left = await processesWith(`HOME=${real.home.dir}`);
        expect(left.map((process) => process.pid)).not.toContain(pid);
      }),
    ));

  it("before it has taken a message is ended by an interrupt, and the message is never worked on", () =>
    real.session(async (session) => {
      await expectUsable(session);
      const pid = await stopServer();
      const turn = await session.send("never @@slow@@");
      await untilHandedOver(pid);
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
      expect(session.of("turn.ended")).toHaveLength(3);
    }));

  // The last one, for it ends the daemon.
  it("does not keep the daemon from ending all sessions and itself", async () => {
    const { daemon } = real;
    const body = { agent, directory: await real.directory("left") };
    const session = await LiveSession.open(daemon.url, "left", body, { mark: false });
    await session.send("go @@slow@@");
    await session.until("item.delta");
    await stopServer();
    expect(await daemon.stop(), daemon.stderr()).toEqual({ code: 0, signal: null });
    await session.until("session.ended");
    assertWellFormed(session.events, { ended: true });
    await session.abandon();
  });
});
