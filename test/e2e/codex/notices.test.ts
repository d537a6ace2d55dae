import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG, type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";

let codex: CodexDaemon;

/** What a user may set of their own: it is all in force here. */
const OWN = `web_search = "live"
${CONFIG}
[mcp_servers.broken]
command = "/bin/false"

[features]
request_permissions_tool = true
`;

beforeAll(async () => {
  codex = await startCodex({ config: OWN });
});

afterAll(() => codex[Symbol.asyncDispose]());

describe.each(["gpt-5.5", "gpt-6.1-sol"])("with the model %s", (model) => {
  it("a search in the web is a call with what was looked for, and its result", () =>
    codex.session(
      async (session) => {
        expect(await session.run("go @@websearch@@")).toMatchObject({ status: "completed" });
        const calls = session.parts("tool_call");
        expect(calls.map(({ name }) => name)).toEqual(["web_search", "web_search"]);
        expect(calls.map((call) => JSON.parse(call.arguments))).toMatchObject([
          { query: "weather", action: { type: "search", queries: ["weather", "rain"] } },
          { query: "http://127.0.0.1/x", action: { type: "openPage" } },
        ]);
        expect(session.results()).toHaveLength(2);
        expect(session.said()).toEqual(["Searching.", "It rains."]);
      },
      { model },
    ));

  it("an image that the model looks at is a call, and a result with its path", () =>
    codex.session(
      async (session, directory) => {
        const path = join(directory, "dot.png");
        await writeFile(path, Buffer.from(PIXEL_PNG, "base64"));
        expect(await session.run("go @@viewimage@@")).toMatchObject({ status: "completed" });
        expect(session.parts("tool_call")).toMatchObject([{ name: "view_image" }]);
        expect(session.parts("image")).toEqual([{ type: "image", path, mime: null }]);
      },
      { model },
    ));
});

describe.each(["gpt-5.5", "gpt-6.1-sol"])("a conversation of %s that has grown long", (model) => {
  it("is compacted, which is told, and goes on", async () => {
    const config = `model_auto_compact_token_limit = 100\n${CONFIG}`;
    await using codex = await startCodex({ config });
    await codex.session(
      async (session) => {
        await session.run("hi @@text@@");
        expect(session.statusLabels()).not.toContain("compaction");
        expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
        expect(session.statusLabels()).toContain("compaction");
      },
      { model },
    );
  });
});

it("a refusal of the model is told as such", () =>
  codex.session(async (session) => {
    expect(await session.run("go @@refusal@@")).toMatchObject({
      status: "failed",
      error: { code: "api" },
      stop_reason: "refusal",
    });
    expect(session.statusLabels()).toContain("retry");
  }));

it("an MCP server that cannot be started is a warning that says why", () =>
  codex.session(async (session) => {
    await session.run("hi @@text@@");
    expect(session.parts("status")).toContainEqual(
      expect.objectContaining({
        label: "warning",
        detail: expect.stringMatching(/MCP server broken: .*failed to start/),
      }),
    );
  }));

describe("more permissions for the model", () => {
  const wanted = { network: { enabled: true } };

  it.each([
    ["once", { enabled: true }, "turn"],
    // The session remembers it, and Codex asks again.
    ["always", { enabled: true }, "turn"],
    ["reject", null, "turn"],
  ] as const)("are answered %s", (answer, granted, scope) =>
    codex.session(async (session) => {
      const turn = await session.send("go @@permissions@@");
      const asked = await session.reply(answer);
      expect(asked).toMatchObject({
        action: "permissions",
        metadata: { reason: "I need it", input: { permissions: wanted } },
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const told = JSON.parse(codex.model.toolOutputs().at(-1)?.text ?? "") as object;
      expect(told).toMatchObject({ scope, permissions: { network: granted } });
    }),
  );
});
