import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text } from "../../support/model-script.ts";
import { OpencodeDaemon } from "../../support/opencode-daemon.ts";
import { processesWith } from "../../support/processes.ts";

let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await OpencodeDaemon.start();
});

afterAll(() => opencode[Symbol.asyncDispose]());

async function expectUsable(session: LiveSession): Promise<void> {
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe("Hello from the scripted model.");
}

async function commands(word: string) {
  const found = await processesWith(`HOME=${opencode.home.dir}`);
  return found.filter(({ command }) => command.includes(word));
}

describe("an interrupt", () => {
  it("while the model speaks ends the turn, once", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@slow@@");
      await session.until("item.delta");
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("error")).toEqual([]);
      await expectUsable(session);
      expect(session.of("turn.ended")).toHaveLength(2);
    }));

  it("while a command runs ends the command", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@bashlong@@");
      await session.reply("once");
      await expect.poll(async () => (await commands("long.started")).length).toBeGreaterThan(0);
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expect.poll(() => commands("long.started"), { timeout: 5000 }).toEqual([]);
      await expectUsable(session);
    }));

  it("while a permission is open rejects it", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@bash@@");
      await session.permission();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("permission.resolved")[0]?.data).toMatchObject({ status: "reject" });
      expect((await session.info()).pendingPermissions).toEqual([]);
      await expectUsable(session);
    }));

  it("right after the message ends its turn", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@slow@@");
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expectUsable(session);
    }));
});

it("the end of a session in mid command ends the command, and leaves the server to others", () =>
  opencode.session(async (session) => {
    const turn = await session.send("go @@bashlong@@");
    await session.reply("once");
    await expect.poll(async () => (await commands("long.started")).length).toBeGreaterThan(0);
    await session.terminate();
    expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
    await expect.poll(() => commands("long.started"), { timeout: 5000 }).toEqual([]);
    expect((await commands(" serve ")).length).toBeGreaterThan(0);
  }));

describe("an error of the model's API", () => {
  it.each([
    ["e400", "api"],
    ["e401", "auth"],
    ["e403", "auth"],
  ])("(%s) fails the turn as %s and the session goes on", (script, code) =>
    opencode.session(async (session) => {
      expect(await session.run(`go @@${script}@@`)).toMatchObject({
        status: "failed",
        error: { code },
      });
      expect(session.of("error")).toMatchObject([{ data: { code }, synthetic: false }]);
      await expectUsable(session);
    }),
  );

  it.each(["e429recovers", "e500recovers"])("(%s) that passes is told as a retry", (script) =>
    opencode.session(async (session) => {
      expect(await session.run(`go @@${script}@@`)).toMatchObject({ status: "completed" });
      expect(session.of("error")).toEqual([]);
      expect(session.statusLabels()).toContain("retry");
      expect(session.said().at(-1)).toBe("Recovered.");
    }),
  );
});

it("a server that is killed in mid turn fails the turns of all its sessions, and all go on with their conversations", async () => {
  opencode.model.script("killed", [reply([text("Starting "), hold("killed")])]);
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const one = () =>
    opencode.session(async (session) => {
      await session.run("remember me @@text@@");
      const turn = await session.send("go @@killed@@");
      await session.until("item.delta", ({ data }) => data.delta.startsWith("Starting"));
      waiting += 1;
      if (waiting === 2) {
        const [server] = await commands(" serve ");
        process.kill(server?.pid ?? 0, "SIGKILL");
        both.resolve();
      }
      await both.promise;
      expect(await session.turnEnded(turn)).toMatchObject({
        status: "failed",
        error: { code: "process_exit", message: expect.stringContaining("SIGKILL") },
      });
      const { nativeSessionId } = await session.info();
      await expectUsable(session);
      expect(await session.info()).toMatchObject({ status: "idle", nativeSessionId });
    });
  await Promise.all([one(), one()]);
  opencode.model.release("killed");
}, 60_000);
