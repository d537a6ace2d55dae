import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CODEX_KEY, CONFIG, type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import { postJson } from "../../support/post-json.ts";

const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
const LOGIN = `${JSON.stringify({ OPENAI_API_KEY: "sk-of-the-login" }, null, 2)}\n`;
/** A key of a provider that the user has configured. */
const MINE = { MY_KEY: "sk-of-mine" };

/** A configuration that has nearly everything of its own. */
function ownConfig(modelUrl: string): string {
  return `# kept as it is
model = "gpt-6.1-sol"
model_provider = "mine"
model_reasoning_effort = "high"

[model_providers.mine]
name = "Mine"
base_url = "${modelUrl}"
wire_api = "responses"
env_key = "MY_KEY"

[mcp_servers.own]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(server)}]

[features]
goals = false
view_image = false

[tools.update_plan]
enabled = true
`;
}

/** The authorization and the body of the newest request. */
function asked(codex: CodexDaemon) {
  const { headers, body } = codex.model.requests.at(-1) ?? {};
  return { authorization: headers?.["authorization"], body };
}

/** The user's files, which must stay as they are. */
async function filesOf(codex: CodexDaemon, folder = ".codex") {
  const own = join(codex.home.dir, folder);
  const names = (await readdir(own)).filter((name) => /^(auth\.json|config\.toml)$/.test(name));
  const texts = names.map(async (name) => [name, await readFile(join(own, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(texts));
}

describe("the user's own configuration", () => {
  it("of a provider, a model, tools and MCP servers is in force, and stays byte-identical", async () => {
    await using codex = await startCodex({ config: ownConfig, env: MINE });
    const before = await filesOf(codex);
    await codex.session(
      async (session) => {
        const turn = await session.send("hi @@text@@");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        const { authorization, body } = asked(codex);
        expect(authorization).toBe("Bearer sk-of-mine");
        expect(body).toMatchObject({ model: "gpt-6.1-sol", reasoning: { effort: "high" } });
        const offered = JSON.stringify(body);
        expect(offered).not.toContain("create_goal");
        expect(offered).not.toContain("view_image(");
        expect(offered).toContain("mcp__own");
      },
      { model: null },
    );
    expect(await filesOf(codex)).toEqual(before);
  });

  it("of a login with a key is used, and stays byte-identical", async () => {
    const config = (modelUrl: string) => `model_provider = "mine"
[model_providers.mine]
name = "Mine"
base_url = "${modelUrl}"
wire_api = "responses"
requires_openai_auth = true
`;
    await using codex = await startCodex({ config, login: LOGIN });
    const before = await filesOf(codex);
    await codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
      expect(asked(codex).authorization).toBe("Bearer sk-of-the-login");
    });
    expect(await filesOf(codex)).toEqual(before);
    expect(Object.keys(before)).toEqual(["auth.json", "config.toml"]);
  });

  it("of a login with a key is used with the built-in provider, too", async () => {
    const config = (modelUrl: string) => `openai_base_url = "${modelUrl}"\n`;
    await using codex = await startCodex({ config, login: LOGIN });
    const before = await filesOf(codex);
    await codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
      expect(asked(codex).authorization).toBe("Bearer sk-of-the-login");
    });
    expect(await filesOf(codex)).toEqual(before);
  });

  it("is read from CODEX_HOME", async () => {
    await using codex = await startCodex({
      config: ownConfig,
      env: MINE,
      folder: "elsewhere",
    });
    const before = await filesOf(codex, "elsewhere");
    await codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
      expect(asked(codex).authorization).toBe("Bearer sk-of-mine");
    });
    expect(await filesOf(codex, "elsewhere")).toEqual(before);
    await expect(readdir(join(codex.home.dir, ".codex"))).rejects.toThrow("ENOENT");
  });

  it("with a setting that does not exist is a warning in every session", async () => {
    await using codex = await startCodex({ config: `no_such_setting = 1\n${CONFIG}` });
    for (let n = 0; n < 2; n++) {
      await codex.session(async (session) => {
        await session.run("hi @@text@@");
        const warnings = session.parts("status").map(({ detail }) => detail ?? "");
        expect(warnings.filter((words) => words.includes("no_such_setting"))).toHaveLength(1);
      });
    }
  });

  it("that cannot be read fails the creation of a session and says where; mended, it works", async () => {
    await using codex = await startCodex({ config: "[broken\n" });
    const create = async () => {
      const answer = await postJson(`${codex.daemon.url}/v1/sessions/broken`, { agent: "codex" });
      return { status: answer.status, body: (await answer.json()) as { detail?: string } };
    };
    const { status, body } = await create();
    expect(status).toBe(502);
    expect(body.detail).toMatch(/failed to read configuration layers: .*config\.toml:1:/);
    await writeFile(join(codex.home.dir, ".codex/config.toml"), CONFIG);
    expect(await create()).toMatchObject({ status: 200 });
    await codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
      expect(asked(codex).authorization).toBe(`Bearer ${CODEX_KEY}`);
    });
  });
});

describe("without the key that is needed", () => {
  it("and without a login, the turn fails as auth, says what helps, and nobody is asked", async () => {
    const env = { OPENAI_API_KEY: undefined };
    await using codex = await startCodex({ env, config: "" });
    await codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "failed",
        error: { code: "auth", message: expect.stringMatching(/OPENAI_API_KEY.*codex login/) },
      });
      expect(await session.info()).toMatchObject({ status: "idle" });
    });
    expect(codex.model.requests).toEqual([]);
  });

  it("of a provider of the user's own, the turn fails as auth and names the variable", async () => {
    await using codex = await startCodex({ config: ownConfig });
    await codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "failed",
        error: { code: "auth", message: expect.stringContaining("MY_KEY") },
      });
    });
    expect(codex.model.requests).toEqual([]);
  });
});
