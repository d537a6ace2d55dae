import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reply, tool } from "../../support/model-script.ts";
import { type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode({
    config: {
      mcp: { tiny: { type: "local", command: [process.execPath, server] } },
      permission: { tiny_echo: "ask" },
    },
  });
});

afterAll(() => opencode[Symbol.asyncDispose]());

/** A session in the usual mode: OpenCode starts the MCP server anew for each directory. */
const shared = shareSession(() => opencode);

describe("a tool of an MCP server", () => {
  it.each([
    ["once", "completed", "echo: ping"],
    ["reject", "failed", "rejected"],
  ] as const)("that is answered %s is %s", async (answer, status, output) => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const turn = await session.send("go @@mcp@@");
    const asked = await session.reply(answer);
    expect(asked).toMatchObject({
      action: "tiny_echo",
      metadata: { input: { text: "ping" }, item_id: expect.stringMatching(/^itm_/) },
    });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(later.parts("tool_call")).toMatchObject([
      { mcp: { server: "tiny", tool: "echo" }, arguments: '{"text":"ping"}' },
    ]);
    const items = later.items();
    expect(items.find(({ kind }) => kind === "tool_result")).toMatchObject({ status });
    expect(later.results()[0]?.output).toContain(output);
  });

  it("that is allowed always is asked for again with another input", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const echo = (text: string) => reply([tool("tiny_echo", { text })]);
    opencode.model.script("echoes", [echo("a"), echo("a"), echo("b"), reply("Done.")]);
    const turn = await session.send("go @@echoes@@");
    await session.reply("always");
    await later.until("permission.resolved", ({ data }) => {
      return data.metadata?.["reason"] === "remembered";
    });
    await session.permission();
    const third = await session.reply("once");
    expect(third.metadata?.["input"]).toEqual({ text: "b" });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(later.results().map((result) => result.output)).toEqual([
      "echo: a",
      "echo: a",
      "echo: b",
    ]);
  });

  it("that draws gives an image in a file", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    opencode.model.script("draws", [reply([tool("tiny_draw", { text: "x" })]), reply("Done.")]);
    expect(await session.run("go @@draws@@")).toMatchObject({ status: "completed" });
    const [image] = later.parts("image");
    expect(image).toMatchObject({ mime: "image/png" });
    const drawn = await readFile(image?.path ?? "");
    expect(drawn.toString("base64")).toBe(PIXEL_PNG);
  });

  it("that fails is a failed result with its words", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    opencode.model.script("unlucky", [reply([tool("tiny_fail", { text: "x" })]), reply("Done.")]);
    expect(await session.run("go @@unlucky@@")).toMatchObject({ status: "completed" });
    const items = later.items();
    const result = items.find(({ kind }) => kind === "tool_result");
    expect(result).toMatchObject({ status: "failed" });
    expect(JSON.stringify(result)).toContain("no luck");
  });
});

describe("a page of the network", () => {
  it("is asked for with its address, and is not fetched when that is rejected", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    const url = `${opencode.model.url}/page`;
    opencode.model.script("fetches", [
      reply([tool("webfetch", { url, format: "text" })]),
      reply("All done."),
    ]);
    const turn = await session.send("go @@fetches@@");
    const asked = await session.reply("reject");
    expect(asked).toMatchObject({ action: "webfetch", metadata: { input: { url } } });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(later.results()[0]?.output).toContain("rejected");
  });
});

describe("a path outside the directory", () => {
  it("is asked for before the command that names it", async () => {
    const { session, directory } = shared;
    const turn = await session.send("go @@bashoutside@@");
    const first = await session.reply("once");
    expect(first).toMatchObject({ action: "external_directory" });
    expect(JSON.stringify(first.metadata)).toContain(join(directory, ".."));
    const second = await session.reply("reject");
    expect(second).toMatchObject({ action: "bash" });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(await readdir(join(directory, ".."))).not.toContain("outside.txt");
  });

  it("is asked for in the mode acceptEdits too", () =>
    opencode.session(
      async (session, directory) => {
        const filePath = join(directory, "../elsewhere.txt");
        opencode.model.script("elsewhere", [
          reply([tool("write", { filePath, content: "x" })]),
          reply("All done."),
        ]);
        const turn = await session.send("go @@elsewhere@@");
        expect(await session.reply("reject")).toMatchObject({ action: "external_directory" });
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(await readdir(join(directory, ".."))).not.toContain("elsewhere.txt");
      },
      { permissionMode: "acceptEdits" },
    ));
});

describe.concurrent("a subagent of a project that defines permissions", () => {
  it.each([
    ["for all", { permission: { bash: "allow" } }],
    ["for the subagent", { agent: { general: { permission: { bash: "allow" } } } }],
    ["for a command", { permission: { bash: { "touch *": "allow", "*": "ask" } } }],
  ])("(%s) asks as the session's mode says", (_, config) =>
    opencode.session(async (session, directory) => {
      await writeFile(join(directory, "opencode.json"), JSON.stringify(config));
      const turn = await session.send("go @@subagentwrite@@");
      const asked = await session.reply("reject");
      expect(asked).toMatchObject({ action: "bash", metadata: { command: "touch from-sub.txt" } });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(await readdir(directory)).toEqual(["opencode.json"]);
    }),
  );
});

it.concurrent("a full context is compacted with a status item, and the turn continues", () =>
  opencode.session(
    async (session) => {
      opencode.model.script("full", [
        reply([tool("bash", { command: "true", description: "Nothing" })], {
          usage: { input_tokens: 195_000 },
        }),
        reply("All done."),
      ]);
      expect(await session.run("go @@full@@")).toMatchObject({ status: "completed" });
      expect(session.statusLabels()).toContain("compaction");
    },
    { permissionMode: "bypass", repositorySettings: "ignore" },
  ));
