import { describe, expect, it } from "vitest";
import { allAgents } from "../../src/agents/all.ts";
import type { Agent } from "../../src/agents/agent.ts";
import { EARLIER, type Files, homeWith, LATER } from "./home.ts";

function agent(id: string): Agent {
  const found = allAgents().get(id);
  if (!found) throw new Error(id);
  return found;
}

const opencode = {
  ".local/share/opencode/auth.json": {
    anthropic: { type: "api", key: "a-of-opencode" },
    openai: { type: "api", key: "o-of-opencode" },
  },
};
const codex = { ".codex/auth.json": { OPENAI_API_KEY: "o-of-codex" } };
const claude = (oauth: object) => ({ ".claude/.credentials.json": { claudeAiOauth: oauth } });
const both = (names: [string, string], key: string) =>
  Object.fromEntries(names.map((name) => [name, key]));
const anthropic = (key: string) => both(["ANTHROPIC_API_KEY", "CLAUDE_API_KEY"], key);
const openai = (key: string) => both(["OPENAI_API_KEY", "CODEX_API_KEY"], key);

interface Case {
  title: string;
  agent: string;
  files?: Files;
  env?: Record<string, string>;
  session?: Record<string, string>;
  os?: NodeJS.Platform;
  /** What the agent is given. */
  given: Record<string, string>;
  /** Default: whether it is given something. */
  available?: boolean;
}

const cases: Case[] = [
  { title: "without any key nothing", agent: "claude", given: {} },
  {
    title: "a key of the environment under all its names",
    agent: "claude",
    env: { CLAUDE_API_KEY: "k" },
    files: opencode,
    given: anthropic("k"),
  },
  {
    title: "a token of the environment under its own name only",
    agent: "claude",
    env: { CLAUDE_CODE_OAUTH_TOKEN: "t" },
    files: opencode,
    given: { CLAUDE_CODE_OAUTH_TOKEN: "t" },
  },
  {
    title: "the key of another agent",
    agent: "claude",
    files: opencode,
    given: anthropic("a-of-opencode"),
  },
  {
    title: "the key of another agent",
    agent: "codex",
    files: opencode,
    given: openai("o-of-opencode"),
  },
  {
    title: "the key of another agent",
    agent: "opencode",
    files: codex,
    given: openai("o-of-codex"),
  },
  {
    title: "the login of another agent as a token",
    agent: "claude",
    files: {
      ".local/share/opencode/auth.json": {
        anthropic: { type: "oauth", access: "oat", refresh: "r", expires: LATER },
      },
    },
    given: { CLAUDE_CODE_OAUTH_TOKEN: "oat" },
  },
  {
    title: "no login that it could not use",
    agent: "opencode",
    files: {
      ...claude({ accessToken: "oat" }),
      ".codex/auth.json": { tokens: { access_token: "t" } },
    },
    given: {},
  },
  {
    title: "nothing where it has a login of its own",
    agent: "claude",
    files: { ...claude({ accessToken: "oat", expiresAt: LATER }), ...opencode },
    given: {},
    available: true,
  },
  {
    title: "nothing where its own login can be renewed",
    agent: "claude",
    files: {
      ...claude({ accessToken: "oat", refreshToken: "r", expiresAt: EARLIER }),
      ...opencode,
    },
    given: {},
    available: true,
  },
  {
    title: "another's key where its own login has ended",
    agent: "claude",
    files: { ...claude({ accessToken: "oat", expiresAt: EARLIER }), ...opencode },
    given: anthropic("a-of-opencode"),
  },
  {
    title: "a key of its own that it would not find",
    agent: "claude",
    files: { ".claude.json.api": { primaryApiKey: "sk-ant-1" } },
    given: anthropic("sk-ant-1"),
  },
  {
    title: "nothing beside its own key",
    agent: "codex",
    files: { ...codex, ...opencode },
    given: {},
    available: true,
  },
  {
    title: "nothing where it knows another provider",
    agent: "opencode",
    files: { ".local/share/opencode/auth.json": { groq: { type: "api", key: "g" } }, ...codex },
    given: {},
    available: true,
  },
  {
    title: "nothing where its user has chosen a provider",
    agent: "codex",
    files: { ".codex/config.toml": 'model_provider = "mine"\n', ...opencode },
    given: {},
  },
  {
    title: "nothing where its user has configured a provider",
    agent: "opencode",
    files: { ".config/opencode/opencode.json": { provider: { local: {} } }, ...codex },
    given: {},
  },
  {
    title: "nothing where its user has configured a provider in a variable",
    agent: "opencode",
    env: { OPENCODE_CONFIG_CONTENT: '{"model":"local/one"}' },
    files: codex,
    given: {},
  },
  {
    title: "nothing besides what the environment has",
    agent: "opencode",
    env: { ANTHROPIC_API_KEY: "k" },
    files: codex,
    given: anthropic("k"),
  },
  {
    title: "nothing where the environment has a key of another provider",
    agent: "opencode",
    env: { GEMINI_API_KEY: "k" },
    files: codex,
    given: {},
    available: true,
  },
  {
    title: "nothing where its user has a program for keys",
    agent: "claude",
    files: { ".claude/settings.json": { apiKeyHelper: "/bin/key" }, ...opencode },
    given: {},
    available: true,
  },
  {
    title: "nothing where its user works through a cloud",
    agent: "claude",
    env: { CLAUDE_CODE_USE_BEDROCK: "1" },
    files: opencode,
    given: {},
    available: true,
  },
  {
    title: "nothing where its login is in the key ring of macOS",
    agent: "claude",
    os: "darwin",
    files: { ".claude.json": { oauthAccount: { emailAddress: "me@example.com" } }, ...opencode },
    given: {},
    available: true,
  },
  {
    title: "nothing where the session has a key",
    agent: "claude",
    session: { ANTHROPIC_AUTH_TOKEN: "t" },
    files: opencode,
    given: {},
  },
  {
    title: "nothing where the session has a server of its own",
    agent: "claude",
    session: { ANTHROPIC_BASE_URL: "http://127.0.0.1:1" },
    files: opencode,
    given: {},
  },
  {
    title: "its key of an older file",
    agent: "amp",
    files: { ".amp/config.json": { apiKey: "sgamp_1" } },
    given: { AMP_API_KEY: "sgamp_1" },
  },
  {
    title: "nothing beside the login that it finds itself",
    agent: "amp",
    files: { ".local/share/amp/secrets.json": { "apiKey@https://ampcode.com/": "sgamp_1" } },
    given: {},
    available: true,
  },
  {
    title: "nothing, since it needs none",
    agent: "mock",
    files: opencode,
    given: {},
    available: true,
  },
];

describe("an agent is given", () => {
  it.each(cases)(
    "$agent: $title",
    async ({ agent: id, files = {}, env = {}, session, os, ...expected }) => {
      await using home = await homeWith(files);
      const credentials = home.credentials(
        { ...env, SANDBOX_AGENT_TOKEN: "secret", LANG: "C" },
        os,
      );
      const all = await credentials.environment(agent(id), session);
      expect(all).toEqual({ ...env, LANG: "C", ...expected.given });
      if (session) return;
      const available = expected.available ?? Object.keys(expected.given).length > 0;
      expect(await credentials.available(agent(id))).toBe(available);
    },
  );
});
