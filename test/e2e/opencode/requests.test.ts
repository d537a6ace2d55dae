import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OpencodeDaemon } from "../../support/opencode-daemon.ts";

let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await OpencodeDaemon.start();
});

afterAll(() => opencode[Symbol.asyncDispose]());

describe("a command", () => {
  it("that is allowed once runs", () =>
    opencode.session(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      const asked = await session.reply("once");
      expect(asked).toMatchObject({
        action: "bash",
        metadata: {
          command: expect.stringContaining("echo hi-from-bash && touch made.txt"),
          item_id: expect.stringMatching(/^itm_/),
        },
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.results()).toMatchObject([{ exit_code: 0, output: "hi-from-bash\n" }]);
      expect(await readdir(directory)).toEqual(["made.txt"]);
    }));

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

  it("that is rejected does not run; the model is told and the turn goes on", () =>
    opencode.session(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      await session.reply("reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual([]);
      expect(session.said().at(-1)).toBe("All done.");
      expect(session.results()[0]?.output).toContain("rejected");
    }));

  it("beside another one is asked for by itself", () =>
    opencode.session(async (session, directory) => {
      const turn = await session.send("go @@parallel@@");
      const first = await session.permission();
      const second = await session.permission();
      const made = String(first.metadata?.["command"]).includes("a1") ? "a1" : "b1";
      await session.replyTo(first, "once");
      await session.replyTo(second, "reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual([made]);
    }));

  it("that fails is a failed result with its exit code", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@bashfail@@");
      await session.reply("once");
      await session.turnEnded(turn);
      expect(session.results()).toMatchObject([{ exit_code: 3 }]);
      const items = session.of("item.completed").map(({ data }) => data.item);
      expect(items.find(({ kind }) => kind === "tool_result")?.status).toBe("failed");
    }));

  it("tells its output while it runs, piece by piece", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@bashticks@@");
      await session.reply("once");
      await session.turnEnded(turn);
      expect(session.results()[0]?.output).toContain("tick 4");
      const [result] = session
        .of("item.completed")
        .flatMap(({ data }) => (data.item.kind === "tool_result" ? [data.item] : []));
      const deltas = session
        .of("item.delta")
        .flatMap(({ data }) => (data.item_id === result?.item_id ? [data.delta] : []));
      expect(deltas.length).toBeGreaterThan(1);
      expect(deltas.join("")).toMatch(/^tick 1\ntick 2\n/);
    }));
});

describe("a change of files", () => {
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

  it("is not asked for in the mode acceptEdits, a command is", () =>
    opencode.session(
      async (session, directory) => {
        expect(await session.run("go @@planwrite@@")).toMatchObject({ status: "completed" });
        expect(session.of("permission.requested")).toEqual([]);
        expect(await readdir(directory)).toEqual(["plan.txt"]);
        const turn = await session.send("go @@bash@@");
        await session.reply("reject");
        await session.turnEnded(turn);
      },
      { permissionMode: "acceptEdits" },
    ));

  it("is refused in the mode plan", () =>
    opencode.session(
      async (session, directory) => {
        await session.run("go @@planwrite@@");
        expect(await readdir(directory)).toEqual([]);
        expect(session.parts("file_ref")).toEqual([]);
      },
      { permissionMode: "plan" },
    ));
});

it("the mode bypass asks for nothing", () =>
  opencode.session(
    async (session, directory) => {
      expect(await session.run("go @@bash@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(await readdir(directory)).toEqual(["made.txt"]);
    },
    { permissionMode: "bypass" },
  ));

describe("a question", () => {
  it("of two parts is answered part by part", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@ask@@");
      const asked = await session.answer([["Blue"], ["S", "L"]]);
      expect(asked.questions).toMatchObject([
        { question: "Which color?", multi_select: false },
        { question: "Which sizes?", multi_select: true },
      ]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(JSON.stringify(opencode.model.requests.at(-1)?.body)).toContain("Blue");
    }));

  it("that is rejected ends, and the session goes on", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@ask@@");
      await session.answer(null);
      await session.turnEnded(turn);
      expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    }));
});

it("a list of what is to do is a plan part", () =>
  opencode.session(async (session) => {
    await session.run("go @@todo@@");
    const plans = session.parts("plan");
    expect(plans.length).toBeGreaterThan(1);
    expect(plans[0]?.entries).toMatchObject([
      { content: "First", status: "in_progress" },
      { content: "Second", status: "pending" },
    ]);
  }));

it("a subagent in the mode bypass asks for nothing", () =>
  opencode.session(
    async (session, directory) => {
      expect(await session.run("go @@subagentwrite@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(await readdir(directory)).toEqual(["from-sub.txt"]);
    },
    { permissionMode: "bypass" },
  ));

it("a subagent is told below the call that started it, and asks through the session", () =>
  opencode.session(async (session) => {
    const turn = await session.send("go @@subagentwrite@@");
    const asked = await session.reply("once");
    expect(asked.metadata).toMatchObject({ command: "touch from-sub.txt" });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    const items = session.of("item.completed").map(({ data }) => data.item);
    const below = items.filter(({ subagent }) => subagent !== undefined);
    const call = items.find(({ kind }) => kind === "tool_call");
    expect(JSON.stringify(below)).toContain("Written.");
    expect(below[0]?.parent_id).toBe(call?.item_id);
    expect(session.of("turn.ended")).toHaveLength(1);
  }));
