import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { reply, tool } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
const done = reply("All done.");
let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
  const tiny = { type: "stdio", command: process.execPath, args: [server], env: {} };
  // Where Claude Code keeps the servers that its user has added for all projects.
  const settings = { mcpServers: { my__tiny: tiny } };
  await writeFile(join(claude.home.dir, ".claude.json"), JSON.stringify(settings));
});

afterAll(() => claude[Symbol.asyncDispose]());

const shared = shareSession(() => claude);

describe("a tool of an MCP server", () => {
  it("is told with server and tool, and its failure as failed", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    claude.model.script("mcp", [
      reply([tool("mcp__my__tiny__echo", { text: "hello" })]),
      reply([tool("mcp__my__tiny__fail", {})]),
      done,
    ]);
    const turn = await session.send("go @@mcp@@");
    expect((await session.reply("once")).action).toBe("mcp__my__tiny__echo");
    await session.reply("once");
    await session.turnEnded(turn);
    expect(later.parts("tool_call").map(({ mcp }) => mcp)).toEqual([
      { server: "my__tiny", tool: "echo" },
      { server: "my__tiny", tool: "fail" },
    ]);
    const [echoed, failed] = later.results();
    expect(echoed?.output).toBe("echo: hello");
    expect(failed?.output).toContain("no luck");
    const results = later.items();
    expect(results.flatMap(({ kind, status }) => (kind === "tool_result" ? [status] : []))).toEqual(
      ["completed", "failed"],
    );
  });
});

describe("an image", () => {
  it("that a tool has made is a file of the session, gone when the session is deleted", async () => {
    let path = "";
    let id = "";
    await claude.session(async (session) => {
      id = session.id;
      claude.model.script("draw", [reply([tool("mcp__my__tiny__draw", {})]), done]);
      const turn = await session.send("go @@draw@@");
      await session.reply("once");
      await session.turnEnded(turn);
      const [image] = session.parts("image");
      path = image?.path ?? "";
      expect(image?.mime).toBe("image/png");
      expect(await readFile(path, "base64")).toBe(PIXEL_PNG);
      expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(session.results()[0]?.output).toContain("one pixel");
    });
    expect(await readFile(path, "base64")).toBe(PIXEL_PNG);
    const answer = await fetch(`${claude.daemon.url}/v1/sessions/${id}`, { method: "DELETE" });
    expect(answer.status).toBe(204);
    await expect(stat(path)).rejects.toThrow();
  });

  it("that the agent has read is told too", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const file_path = join(directory, "dot.png");
    await writeFile(file_path, Buffer.from(PIXEL_PNG, "base64"));
    claude.model.script("read", [reply([tool("Read", { file_path })]), done]);
    await session.run("go @@read@@");
    const [image] = later.parts("image");
    expect(await readFile(image?.path ?? "", "base64")).toBe(PIXEL_PNG);
  });
});

describe("the output of a command", () => {
  it("is what it has printed, on both channels, with the exit code", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    claude.model.script("both", [
      reply([tool("Bash", { command: "echo out; echo err >&2", description: "Both" })]),
      reply([tool("Bash", { command: "true", description: "Nothing" })]),
      done,
    ]);
    await session.run("go @@both@@");
    const [both, nothing] = later.results();
    expect(both).toMatchObject({ exit_code: 0, output: "out\nerr" });
    expect(nothing).toMatchObject({ exit_code: 0, output: "" });
  });

  it("that is long is told as far as Claude tells it, and where all of it is", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    await session.run("go @@bashout@@");
    const [{ output } = { output: "" }] = later.results();
    expect(output.startsWith("1\n2\n3\n")).toBe(true);
    const [, path = ""] = /\[all of it: (.+)\]$/.exec(output) ?? [];
    expect(await readFile(path, "utf8")).toContain("\n20000");
  });
});

describe("a list of what is to do", () => {
  it.each([
    ["todo", { CLAUDE_CODE_ENABLE_TODO_TOOLS: "1", CLAUDE_CODE_ENABLE_TASKS: "0" }],
    ["tasks", { CLAUDE_CODE_ENABLE_TODO_TOOLS: "1" }],
  ])("is a plan, whichever tools keep it (%s)", (script, env) =>
    claude.session(
      async (session) => {
        await session.run(`go @@${script}@@`);
        const plans = session.parts("plan").map(({ entries }) => entries);
        const states = plans.map((entries) =>
          entries.map(({ content, status }) => `${content} ${status}`).join(", "),
        );
        expect(states).toContain("First in_progress, Second pending");
        expect(states.at(-1)).toMatch(/^First completed, Second (pending|in_progress)$/);
        const items = session.of("item.completed").map(({ data }) => data.item);
        const kinds = items.flatMap(({ kind, content }) =>
          content.some(({ type }) => type === "plan") ? [kind] : [],
        );
        expect(new Set(kinds)).toEqual(new Set(["status"]));
      },
      { env },
    ),
  );
});
