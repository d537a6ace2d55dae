import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askServer, type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode();
});

afterAll(() => opencode[Symbol.asyncDispose]());

describe.concurrent("a command", () => {
  it("that is allowed always is not asked for again, another one is, nor does another session profit", async () => {
    await opencode.session(async (session, directory) => {
      const turn = await session.send("go @@bashtwice@@");
      await session.reply("always");
      await session.until("permission.resolved", ({ data }) => {
        return data.metadata?.["reason"] === "remembered";
      });
      const third = await session.until("permission.requested", ({ data }) => {
        return String(data.metadata?.["command"]).includes("two.txt");
      });
      await session.replyTo(third.data, "once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect((await readdir(directory)).toSorted()).toEqual(["one.txt", "two.txt"]);
    });
    await opencode.session(async (session) => {
      const turn = await session.send("go @@bashtwice@@");
      for (let n = 0; n < 3; n++) await session.reply("once");
      await session.turnEnded(turn);
    });
  });
});

describe("a permission that another client of the server", () => {
  const shared = shareSession(() => opencode);

  const answered = async (reply: string) => {
    const { session, directory } = shared;
    await rm(join(directory, "made.txt"), { force: true });
    const turn = await session.send("go @@bash@@");
    const { permission_id: id } = await session.permission();
    await askServer(opencode, `/permission/${id}/reply`, directory, { reply });
    return { turn, id };
  };

  it("allows is recorded so although the reply of a client of the session comes later", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const { turn, id } = await answered("once");
    const late = session.replyTo({ permission_id: id }, "reject");
    await expect(late).rejects.toThrow(/: 4\d\d /);
    await session.turnEnded(turn);
    expect(later.of("permission.resolved").map(({ data }) => data)).toMatchObject([
      { status: "accept", metadata: { reason: "elsewhere" } },
    ]);
  });

  // The server does not request again what was allowed always, so this comes last.
  it.each([
    ["allows once", "once", "accept", ["made.txt"]],
    ["rejects", "reject", "reject", []],
    ["allows always", "always", "accept_for_session", ["made.txt"]],
  ])("%s is recorded so", async (_, reply, status, files) => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const { turn } = await answered(reply);
    await session.turnEnded(turn);
    expect(later.of("permission.resolved").map(({ data }) => data)).toMatchObject([
      { status, metadata: { reason: "elsewhere", command: expect.stringContaining("made.txt") } },
    ]);
    expect(await readdir(directory)).toEqual(files);
  });
});

describe.concurrent("a change of files", () => {
  it("is asked for with its diff and told with it", () =>
    opencode.session(async (session, directory) => {
      const turn = await session.send("go @@write@@");
      const path = join(directory, "hello.txt");
      const first = await session.reply("once");
      expect(first).toMatchObject({ action: "edit", metadata: { paths: [path] } });
      expect(first.metadata?.["diff"]).toContain("+line one");
      for (let n = 0; n < 3; n++) await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("file_ref")).toMatchObject([
        {
          path,
          action: "write",
          diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,2 @@\n+line one\n+line two\n`,
        },
        {
          path,
          action: "patch",
          diff: `--- ${path}\n+++ ${path}\n@@ -1,2 +1,2 @@\n line one\n-line two\n+line 2\n`,
        },
        { path, action: "write", diff: expect.stringContaining("+line three\n") },
      ]);
    }));
});

it.concurrent("a subagent in the mode bypass asks for nothing", () =>
  opencode.session(
    async (session, directory) => {
      expect(await session.run("go @@subagentwrite@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(await readdir(directory)).toEqual(["from-sub.txt"]);
    },
    { permissionMode: "bypass", repositorySettings: "ignore" },
  ));
