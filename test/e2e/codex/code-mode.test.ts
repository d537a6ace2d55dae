import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CreateSessionRequest } from "../../../src/schema/session.ts";
import { CONFIG, type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";

// Newer models are given no tools but one that runs programs, and these call the tools.
const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
const MCP = `[mcp_servers.tiny]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(server)}]
`;
let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex({ config: `${CONFIG}${MCP}` });
});

afterAll(() => codex[Symbol.asyncDispose]());

function inCodeMode(
  work: (session: LiveSession, directory: string) => Promise<void>,
  body: Partial<CreateSessionRequest> = {},
): Promise<void> {
  return codex.session(work, { model: "gpt-6.1-sol", ...body });
}

describe("a command of a program of the model", () => {
  it("that is allowed runs, and is told as the model's own call", () =>
    inCodeMode(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      const asked = await session.reply("once");
      expect(asked).toMatchObject({
        action: "commandExecution",
        metadata: {
          command: expect.stringContaining("echo hi-from-bash"),
          item_id: expect.stringMatching(/^itm_/),
        },
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.parts("tool_call")).toMatchObject([{ name: "shell" }]);
      expect(session.results()).toMatchObject([{ exit_code: 0, output: "hi-from-bash\n" }]);
      expect(await readdir(directory)).toEqual(["made.txt"]);
    }));

  it("that is allowed always is not asked for again, another one is", () =>
    inCodeMode(async (session, directory) => {
      const turn = await session.send("go @@bashtwice@@");
      await session.reply("always");
      const other = await session.until("permission.requested", ({ data }) => {
        return String(data.metadata?.["command"]).includes("two.txt");
      });
      await session.replyTo(other.data, "once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect((await readdir(directory)).toSorted()).toEqual(["one.txt", "two.txt"]);
    }));

  it("that is rejected does not run; the model is told and the turn goes on", () =>
    inCodeMode(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      await session.reply("reject");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual([]);
      const items = session.of("item.completed").map(({ data }) => data.item);
      expect(items.find(({ kind }) => kind === "tool_result")?.status).toBe("failed");
      expect(session.said().at(-1)).toBe("All done.");
    }));

  it("that is interrupted leaves nothing behind", () =>
    inCodeMode(async (session, directory) => {
      const turn = await session.send("go @@bashlong@@");
      await session.reply("once");
      await expect.poll(() => readdir(directory)).toContain("long.started");
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      await expect.poll(() => session.processes()).toEqual([]);
      expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
    }));

  it("that waits for permission is rejected by an interrupt", () =>
    inCodeMode(async (session, directory) => {
      const turn = await session.send("go @@bash@@");
      await session.permission();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("permission.resolved")[0]?.data).toMatchObject({ status: "reject" });
      expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual([]);
    }));
});

it("a change of files is asked for with its paths and told with its diffs", () =>
  inCodeMode(async (session, directory) => {
    const turn = await session.send("go @@writetwo@@");
    const paths = [join(directory, "a.txt"), join(directory, "b/b.txt")];
    const asked = await session.reply("once");
    expect(asked).toMatchObject({ action: "fileChange", metadata: { paths } });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(session.parts("file_ref")).toMatchObject([
      { path: paths[0], action: "write", diff: expect.stringContaining("+a") },
      { path: paths[1], action: "write", diff: expect.stringContaining("+b") },
    ]);
    expect(await readFile(join(directory, "b/b.txt"), "utf8")).toBe("b\n");
  }));

it("a list of what is to do is a plan part", () =>
  inCodeMode(async (session) => {
    await session.run("go @@plan@@");
    expect(session.parts("plan").at(-1)?.entries).toEqual([
      { content: "First", status: "completed" },
      { content: "Second", status: "completed" },
    ]);
  }));

it("a plan that is approved is worked on in the same turn", () =>
  inCodeMode(
    async (session) => {
      const turn = await session.send("go @@planmode@@");
      const asked = await session.question();
      expect(asked.metadata).toEqual({ kind: "plan", plan: "# Plan\n1. Do A\n2. Do B\n" });
      await session.answerTo(asked, [["approve"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(JSON.stringify(codex.model.requests.at(-1)?.body)).toContain("Implement the plan.");
      expect(session.of("turn.started")).toHaveLength(1);
    },
    { permissionMode: "plan" },
  ));

describe("a question for whose answer the model waits", () => {
  it("is answered part by part", () =>
    inCodeMode(async (session) => {
      const turn = await session.send("go @@ask@@");
      await session.answer([["Blue"], ["L"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(codex.model.toolOutputs().at(-1)?.text).toContain("Blue");
      expect(session.said()).toEqual(["Thanks for answering."]);
    }));

  it("is withdrawn by an interrupt", () =>
    inCodeMode(async (session) => {
      const turn = await session.send("go @@ask@@");
      await session.question();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect((await session.info()).pendingQuestions).toEqual([]);
      expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
    }));
});

it.each([
  ["once", "completed", "echo: ping"],
  ["reject", "failed", ""],
] as const)("a tool of an MCP server that is answered %s is %s", (reply, status, output) =>
  inCodeMode(async (session) => {
    const turn = await session.send("go @@mcp@@");
    const asked = await session.reply(reply);
    expect(asked).toMatchObject({ action: "mcpToolCall", metadata: { input: { text: "ping" } } });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(session.parts("tool_call")).toMatchObject([{ mcp: { server: "tiny", tool: "echo" } }]);
    const items = session.of("item.completed").map(({ data }) => data.item);
    expect(items.find(({ kind }) => kind === "tool_result")).toMatchObject({ status });
    expect(session.results()[0]?.output).toContain(output);
  }),
);

describe("a subagent", () => {
  it("is told below the call that started it, asks through the session, and is told to have ended", () =>
    inCodeMode(async (session) => {
      const turn = await session.send("go @@subagent@@");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const items = session.of("item.completed").map(({ data }) => data.item);
      const below = items.filter(({ subagent }) => subagent !== undefined);
      const calls = session.parts("tool_call").map(({ name }) => name);
      expect(calls).toEqual(["spawnAgent", "wait", "shell"]);
      const call = items.find(({ kind }) => kind === "tool_call");
      expect(JSON.stringify(below)).toContain("Subagent answer 42.");
      expect(
        below.every(({ kind, parent_id }) => kind === "tool_result" || parent_id === call?.item_id),
      ).toBe(true);
      expect(session.statusLabels()).toContain("task");
      expect(session.of("turn.started")).toHaveLength(1);
    }));

  it.each(["gpt-5.5", "gpt-6.1-sol"])(
    "of %s whose command runs is interrupted with its parent, and nothing is left",
    (model) =>
      codex.session(
        async (session, directory) => {
          const turn = await session.send("go @@subagentlong@@");
          await session.reply("once");
          await expect.poll(() => readdir(directory)).toContain("sub.started");
          await session.interrupt();
          expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
          await expect.poll(() => session.processes()).toEqual([]);
          expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
        },
        { model },
      ),
  );
});
