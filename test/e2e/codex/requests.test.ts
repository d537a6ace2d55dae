import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodexDaemon, CONFIG } from "../../support/codex-daemon.ts";
import { reply, tool } from "../../support/model-script.ts";

const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
const MCP = `[mcp_servers.tiny]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(server)}]
`;
let codex: CodexDaemon;

beforeAll(async () => {
  codex = await CodexDaemon.start({ config: `${CONFIG}${MCP}` });
});

afterAll(() => codex[Symbol.asyncDispose]());

describe("a command", () => {
  it("that is allowed once runs", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      const asked = await session.reply("once");
      expect(asked).toMatchObject({
        action: "commandExecution",
        metadata: {
          codexRequestKind: "commandExecution",
          tool: "shell",
          command: expect.stringContaining("echo hi-from-bash && touch made.txt"),
          item_id: expect.stringMatching(/^itm_/),
        },
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.results()).toMatchObject([{ exit_code: 0, output: "hi-from-bash\n" }]);
      expect(await readdir(directory)).toEqual(["made.txt"]);
    }));

  it("that is allowed always is not asked for again, another one is", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@bashtwice@@");
      await session.reply("always");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toHaveLength(2);
      expect((await readdir(directory)).toSorted()).toEqual(["one.txt", "two.txt"]);
      // Nothing of it is kept beyond the session.
      await expect(stat(join(codex.home.dir, ".codex/rules/default.rules"))).rejects.toThrow();
    }));

  it("that is rejected does not run; the model is told and the turn goes on", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      await session.reply("reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual([]);
      expect(session.said().at(-1)).toBe("All done.");
      const results = session.of("item.completed").map(({ data }) => data.item);
      expect(results.find(({ kind }) => kind === "tool_result")?.status).toBe("failed");
    }));

  it("beside another one is asked for by itself", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@parallel@@");
      const first = await session.permission();
      const second = await session.permission();
      const made = String(first.metadata?.["command"]).includes("a1") ? "a1" : "b1";
      await session.replyTo(second, "reject");
      await session.replyTo(first, "once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual([made]);
    }));

  it("that only reads is not asked for", () =>
    codex.session(async (session, directory) => {
      codex.model.script("reads", [
        reply([tool("exec_command", { cmd: "ls", yield_time_ms: 20_000 })]),
        reply("All done."),
      ]);
      await writeFile(join(directory, "seen.txt"), "");
      expect(await session.run("go @@reads@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(session.results()).toMatchObject([{ exit_code: 0, output: "seen.txt\n" }]);
    }));

  it("that fails is a failed result with its exit code", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@bashfail@@");
      await session.reply("once");
      await session.turnEnded(turn);
      expect(session.results()).toMatchObject([{ exit_code: 3 }]);
      expect(session.results()[0]?.output).toContain("to-stderr");
    }));

  it("tells its output while it runs, and all of it when it is over", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@bashticks@@");
      await session.reply("once");
      await session.turnEnded(turn);
      expect(session.results()[0]?.output).toBe("tick 1\ntick 2\ntick 3\ntick 4\n");
      const deltas = session.of("item.delta").map(({ data }) => data.delta);
      expect(deltas.join("")).toContain("tick 3");
    }));
});

describe("a change of files", () => {
  it("is asked for with its diff and told with it: added, changed, deleted", () =>
    codex.session(async (session, directory) => {
      const turn = await session.send("go @@write@@");
      const path = join(directory, "hello.txt");
      for (let n = 0; n < 3; n++) {
        const asked = await session.reply("once");
        expect(asked).toMatchObject({ action: "fileChange", metadata: { paths: [path] } });
      }
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("file_ref")).toMatchObject([
        {
          path,
          action: "write",
          diff: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,2 @@\n+line one\n+line two\n`,
        },
        { path, action: "patch", diff: expect.stringContaining("-line two\n+line 2") },
        { path, action: "write", deleted: true, diff: expect.stringContaining("+++ /dev/null") },
      ]);
      expect(await readdir(directory)).toEqual([]);
    }));

  it("is not asked for in the mode acceptEdits, a command is", () =>
    codex.session(
      async (session, directory) => {
        expect(await session.run("go @@writetwo@@")).toMatchObject({ status: "completed" });
        expect(session.of("permission.requested")).toEqual([]);
        expect((await readdir(directory)).toSorted()).toEqual(["a.txt", "b"]);
        const turn = await session.send("go @@bash@@");
        await session.reply("reject");
        await session.turnEnded(turn);
      },
      { permissionMode: "acceptEdits" },
    ));
});

it("the mode bypass asks for nothing", () =>
  codex.session(
    async (session, directory) => {
      expect(await session.run("go @@bash@@")).toMatchObject({ status: "completed" });
      expect(session.of("permission.requested")).toEqual([]);
      expect(await readdir(directory)).toEqual(["made.txt"]);
    },
    { permissionMode: "bypass" },
  ));

describe("a question", () => {
  it("of two parts is answered part by part", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@ask@@");
      const asked = await session.answer([["Blue"], ["L"]]);
      expect(asked.questions).toMatchObject([
        { question: "Which color?", header: "Color" },
        { question: "Which size?", header: "Size" },
      ]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const told = JSON.stringify(codex.model.requests.at(-1)?.body);
      expect(told).toContain("Blue");
    }));

  it("that is rejected is told to the model and the turn goes on", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@ask@@");
      await session.answer(null);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.said()).toEqual(["Thanks for answering."]);
    }));
});

describe("a plan", () => {
  const plan = { permissionMode: "plan" };

  it("that is approved is worked on in the same turn", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@planmode@@");
      const asked = await session.question();
      expect(asked.metadata).toEqual({ kind: "plan", plan: "# Plan\n1. Do A\n2. Do B\n" });
      await session.answerTo(asked, [["approve"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const last = JSON.stringify(codex.model.requests.at(-1)?.body);
      expect(last).toContain("Implement the plan.");
      expect(session.of("turn.started")).toHaveLength(1);
    }, plan));

  it("that is rejected ends the turn", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@planmode@@");
      await session.answer([["reject"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.of("question.resolved")[0]?.data).toMatchObject({
        status: "answered",
        answers: [["reject"]],
      });
      expect(await session.info()).toMatchObject({ status: "idle", pendingQuestions: [] });
    }, plan));

  it("that is answered with other words is planned anew", () =>
    codex.session(async (session) => {
      const turn = await session.send("go @@planmode@@");
      await session.answer([["Do C as well @@text@@"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const last = JSON.stringify(codex.model.requests.at(-1)?.body);
      expect(last).toContain("Do C as well");
    }, plan));
});

describe("a tool of an MCP server", () => {
  it.each([
    ["once", "completed", "echo: ping"],
    ["reject", "failed", ""],
  ] as const)("that is answered %s is %s", (reply, status, output) =>
    codex.session(async (session) => {
      const turn = await session.send("go @@mcp@@");
      const asked = await session.reply(reply);
      expect(asked).toMatchObject({ action: "mcpToolCall", metadata: { input: { text: "ping" } } });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("tool_call")).toMatchObject([
        { mcp: { server: "tiny", tool: "echo" }, arguments: '{"text":"ping"}' },
      ]);
      const items = session.of("item.completed").map(({ data }) => data.item);
      const result = items.find(({ kind }) => kind === "tool_result");
      expect(result).toMatchObject({ status });
      expect(session.results()[0]?.output).toContain(output);
    }),
  );
});

it("a list of what is to do is a plan part", () =>
  codex.session(async (session) => {
    await session.run("go @@plan@@");
    expect(session.parts("plan").at(-1)?.entries).toEqual([
      { content: "First", status: "completed" },
      { content: "Second", status: "completed" },
    ]);
  }));

it("a subagent is told below the call that started it, and asks through the session", () =>
  codex.session(async (session) => {
    const turn = await session.send("go @@subagent@@");
    await session.reply("once");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    const items = session.of("item.completed").map(({ data }) => data.item);
    const below = items.filter(({ subagent }) => subagent !== undefined);
    const call = items.find(({ kind }) => kind === "tool_call");
    expect(JSON.stringify(below)).toContain("Subagent answer 42.");
    expect(below[0]?.parent_id).toBe(call?.item_id);
    expect(session.of("turn.started")).toHaveLength(1);
  }));
