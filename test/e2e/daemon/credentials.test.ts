import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { AgentListResponse } from "../../../src/schema/agent.ts";
import { AgentDaemon, type RealAgent } from "../../support/agent-daemon.ts";
import { plainClaude } from "../../support/agents/claude.ts";
import { plainCodex } from "../../support/agents/codex.ts";
import { startAmp } from "../../support/amp-daemon.ts";
import type { TemporaryHome } from "../../support/sandbox.ts";

const OPENCODE = ".local/share/opencode/auth.json";
const NO_KEYS = { ANTHROPIC_API_KEY: undefined, OPENAI_API_KEY: undefined };

async function write(home: TemporaryHome, path: string, content: object): Promise<string> {
  const text = JSON.stringify(content);
  await mkdir(dirname(join(home.dir, path)), { recursive: true });
  await writeFile(join(home.dir, path), text);
  return text;
}

/** A daemon without a key in its environment, whose user has these files. */
function start<M extends AsyncDisposable>(
  agent: RealAgent<M>,
  files: Record<string, object>,
  secrets: string[],
  args: string[] = [],
): Promise<AgentDaemon<M>> {
  const prepare = async (home: TemporaryHome) => {
    for (const [path, content] of Object.entries(files)) await write(home, path, content);
  };
  return AgentDaemon.start({ ...agent, secrets, prepare }, { env: NO_KEYS, args });
}

async function isAvailable({ daemon }: { daemon: { url: string } }, agent: string) {
  const answer = await fetch(`${daemon.url}/v1/agents`);
  const { agents } = AgentListResponse.parse(await answer.json());
  return agents.find(({ id }) => id === agent)?.credentialsAvailable;
}

it("Claude works with a key that only OpenCode has", async () => {
  const key = "sk-ant-of-opencode";
  await using claude = await start(
    plainClaude,
    { [OPENCODE]: { anthropic: { type: "api", key } } },
    [key],
  );
  expect(await isAvailable(claude, "claude")).toBe(true);
  await claude.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
  expect(new Set(claude.model.requests.map(({ headers }) => headers["x-api-key"]))).toEqual(
    new Set([key]),
  );
});

it("a process that is started again is given the key that is there by then", async () => {
  const [old, other] = ["sk-ant-of-opencode-1", "sk-ant-of-opencode-2"];
  await using claude = await start(
    plainClaude,
    { [OPENCODE]: { anthropic: { type: "api", key: old } } },
    [old, other],
    ["--agent-idle", "300ms"],
  );
  await claude.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    await expect.poll(() => claude.agentProcesses()).toEqual([]);
    await write(claude.home, OPENCODE, { anthropic: { type: "api", key: other } });
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
  expect(claude.model.requests.at(-1)?.headers["x-api-key"]).toBe(other);
});

it("Claude works with its own login, whoever else has a key", async () => {
  const accessToken = "sk-ant-oat01-own";
  await using claude = await start(
    plainClaude,
    {
      ".claude/.credentials.json": {
        claudeAiOauth: {
          accessToken,
          refreshToken: "sk-ant-ort01-own",
          expiresAt: Date.now() + 3_600_000,
          scopes: ["user:inference"],
          subscriptionType: "pro",
        },
      },
      [OPENCODE]: { anthropic: { type: "api", key: "sk-ant-of-opencode" } },
    },
    [accessToken, "sk-ant-of-opencode"],
  );
  await claude.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
  expect(new Set(claude.model.requests.map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Bearer ${accessToken}`]),
  );
});

it("Claude is given OpenCode's login as a login", async () => {
  const access = "sk-ant-oat01-of-opencode";
  const expires = Date.now() + 3_600_000;
  await using claude = await start(
    plainClaude,
    { [OPENCODE]: { anthropic: { type: "oauth", access, refresh: "r", expires } } },
    [access],
  );
  await claude.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
  for (const { headers } of claude.model.requests) {
    expect(headers).toMatchObject({
      authorization: `Bearer ${access}`,
      // What makes the vendor take the token of a login.
      "anthropic-beta": expect.stringContaining("oauth-"),
    });
  }
});

it("Codex works with a key that only OpenCode has, also when it comes later", async () => {
  const key = "sk-of-opencode";
  await using codex = await start(plainCodex, {}, [key]);
  expect(await isAvailable(codex, "codex")).toBe(false);
  await codex.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "failed",
      error: { code: "auth" },
    });
  });
  const text = await write(codex.home, OPENCODE, { openai: { type: "api", key } });
  expect(await isAvailable(codex, "codex")).toBe(true);
  await codex.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
  expect(new Set(codex.model.requests.map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Bearer ${key}`]),
  );
  expect(await readFile(join(codex.home.dir, OPENCODE), "utf8")).toBe(text);
});

it("Amp's own login makes it usable, and is used", async () => {
  await using amp = await startAmp({ env: { AMP_API_KEY: undefined } });
  expect(await isAvailable(amp, "amp")).toBe(false);
  const key = "sgamp_of_its_own";
  await write(amp.home, ".local/share/amp/secrets.json", { [`apiKey@${amp.model.url}`]: key });
  expect(await isAvailable(amp, "amp")).toBe(true);
  await amp.session(
    async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
    },
    { secrets: [key] },
  );
  expect(amp.model.keys).toEqual(new Set([`Bearer ${key}`]));
});
