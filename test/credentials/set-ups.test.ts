import { expect, it } from "vitest";
import { allAgents } from "../../src/agents/all.ts";
import { checkCredentials } from "../../src/doctor/credentials-check.ts";
import { type Files, homeWith } from "./home.ts";

type SetUp = [
  title: string,
  agent: string,
  place: { files?: Files; env?: Record<string, string> },
  detail: string | undefined,
];

const settings = (content: object): Files => ({ ".claude/settings.json": content });
const toml = (text: string): Files => ({ ".codex/config.toml": text });
const opencode = (content: object | string): Files => ({
  ".config/opencode/opencode.json": content,
});
const CORP = '[model_providers.corp]\nbase_url = "http://127.0.0.1:9/v1"';

const setUps: SetUp[] = [
  [
    "an apiKeyHelper",
    "claude",
    { files: settings({ apiKeyHelper: "/usr/bin/print-key" }) },
    "apiKeyHelper",
  ],
  ["an empty apiKeyHelper", "claude", { files: settings({ apiKeyHelper: "" }) }, undefined],
  [
    "an apiKeyHelper of a moved folder",
    "claude",
    {
      files: { "moved/settings.json": { apiKeyHelper: "print-key" } },
      env: { CLAUDE_CONFIG_DIR: "HOME/moved" },
    },
    "apiKeyHelper",
  ],
  [
    "an apiKeyHelper of a repository",
    "claude",
    { files: { "work/.claude/settings.json": { apiKeyHelper: "print-key" } } },
    undefined,
  ],
  [
    "a cloud in the environment",
    "claude",
    { env: { CLAUDE_CODE_USE_BEDROCK: "1" } },
    "CLAUDE_CODE_USE_BEDROCK",
  ],
  ["a cloud that is off", "claude", { env: { CLAUDE_CODE_USE_VERTEX: "0" } }, undefined],
  [
    "a cloud in the settings",
    "claude",
    { files: settings({ env: { CLAUDE_CODE_USE_FOUNDRY: "true" } }) },
    "CLAUDE_CODE_USE_FOUNDRY",
  ],
  [
    "a token in the settings",
    "claude",
    { files: settings({ env: { ANTHROPIC_AUTH_TOKEN: "t" } }) },
    "ANTHROPIC_AUTH_TOKEN",
  ],
  ["settings that are not JSON", "claude", { files: settings(["x"]) }, undefined],
  [
    "a provider whose variable is set",
    "codex",
    {
      files: toml(`model_provider = "corp"\n${CORP}\nenv_key = "CORP_KEY"`),
      env: { CORP_KEY: "k" },
    },
    "model_provider corp",
  ],
  [
    "a provider whose variable is not set",
    "codex",
    { files: toml(`model_provider = "corp"\n${CORP}\nenv_key = "CORP_KEY"`) },
    undefined,
  ],
  [
    "a provider without a key",
    "codex",
    { files: toml(`model_provider = 'corp' # ours\n[model_providers."corp"]\nname = "Corp"`) },
    "model_provider corp",
  ],
  [
    "a provider that takes the key of OpenAI",
    "codex",
    { files: toml(`model_provider = "corp"\n${CORP}\nrequires_openai_auth = true`) },
    undefined,
  ],
  [
    "a provider with a command that prints a token",
    "codex",
    { files: toml(`model_provider = "corp"\n[model_providers.corp.auth]\ncommand = "token"`) },
    "auth of model_provider corp",
  ],
  [
    "a provider that is not chosen",
    "codex",
    { files: toml(`${CORP}\nenv_key = "CORP_KEY"`), env: { CORP_KEY: "k" } },
    undefined,
  ],
  ["a local model", "codex", { files: toml('model_provider = "ollama"') }, "model_provider ollama"],
  [
    "a token in the environment",
    "codex",
    { env: { CODEX_ACCESS_TOKEN: "t" } },
    "CODEX_ACCESS_TOKEN",
  ],
  [
    "a key in the configuration",
    "opencode",
    { files: opencode('{ // ours\n "provider": { "corp": { "options": { "apiKey": "k" } } } }') },
    "provider corp",
  ],
  [
    "a variable in the configuration that is set",
    "opencode",
    {
      files: opencode({ provider: { corp: { options: { apiKey: "{env:CORP}" } } } }),
      env: { CORP: "k" },
    },
    "provider corp",
  ],
  [
    "a variable in the configuration that is not set",
    "opencode",
    { files: opencode({ provider: { corp: { options: { apiKey: "{env:CORP}" } } } }) },
    undefined,
  ],
  [
    "a local server",
    "opencode",
    { files: opencode({ provider: { local: { options: { baseURL: "http://127.0.0.1:1" } } } }) },
    "provider local",
  ],
  [
    "a provider with models alone",
    "opencode",
    { files: opencode({ provider: { anthropic: { models: {} } } }) },
    undefined,
  ],
  ["the key of another provider", "opencode", { env: { GROQ_API_KEY: "k" } }, "GROQ_API_KEY"],
  [
    "logins in the environment",
    "opencode",
    { env: { OPENCODE_AUTH_CONTENT: '{"groq": {"type": "api", "key": "k"}}' } },
    "OPENCODE_AUTH_CONTENT",
  ],
];

it.each(setUps)("%s of %s counts as it does for the agent", async (_, id, place, setUp) => {
  await using home = await homeWith(place.files ?? {});
  const env = Object.entries(place.env ?? {}).map(([k, v]) => [k, v.replace("HOME", home.dir)]);
  const credentials = home.credentials(Object.fromEntries(env) as Record<string, string>);
  const agent = allAgents().get(id);
  if (!agent) throw new Error(id);
  expect(await credentials.available(agent)).toBe(setUp !== undefined);
  const check = await checkCredentials(agent, credentials);
  if (setUp === undefined) expect(check.status).not.toBe("ok");
  else expect(check).toMatchObject({ status: "ok", detail: `set up by ${setUp}` });
});

it("a key of Amp counts for the server that it belongs to", async () => {
  const secrets = { "apiKey@https://ampcode.com/": "sgamp_user_1" };
  await using home = await homeWith({ ".local/share/amp/secrets.json": secrets });
  const amp = allAgents().get("amp");
  if (!amp) throw new Error("amp");
  expect(await home.credentials().available(amp)).toBe(true);
  const elsewhere = home.credentials({ AMP_URL: "http://127.0.0.1:9" });
  expect(await elsewhere.available(amp)).toBe(false);
});
