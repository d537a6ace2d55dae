import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EARLIER, type Files, homeWith, LATER, NOW, token } from "./home.ts";

const KEY = "sk-ant-api03-of-the-file";
const claude = (oauth: object) => ({ ".claude/.credentials.json": { claudeAiOauth: oauth } });
const codex = (content: object) => ({ ".codex/auth.json": content });
const opencode = (content: object) => ({ ".local/share/opencode/auth.json": content });
const amp = (content: object) => ({ ".amp/config.json": content });
const seconds = (ms: number) => Math.floor(ms / 1000);
const living = token({ exp: seconds(LATER) });
const dead = token({ exp: seconds(EARLIER) });

/** What stands in a home, and what is found there: provider, key, kind and source. */
const found: [title: string, files: Files, expected: string][] = [
  [
    "Claude's key",
    { ".claude.json": { primaryApiKey: KEY } },
    `anthropic ${KEY} api_key claude-code`,
  ],
  ...["apiKey", "anthropicApiKey", "customApiKey"].map((member): [string, Files, string] => [
    `Claude's key as ${member}`,
    { ".claude.json.api": { [member]: KEY } },
    `anthropic ${KEY} api_key claude-code`,
  ]),
  [
    "Claude's login",
    claude({ accessToken: "oat", expiresAt: LATER }),
    "anthropic oat oauth claude-code",
  ],
  [
    "Claude's login with a date as text",
    claude({ accessToken: "oat", expiresAt: new Date(LATER).toISOString() }),
    "anthropic oat oauth claude-code",
  ],
  [
    "Claude's login without a date that can be read",
    claude({ accessToken: "oat", expiresAt: "soon" }),
    "anthropic oat oauth claude-code",
  ],
  [
    "Claude's login in the file of its own",
    { ".claude-oauth-credentials.json": { claudeAiOauth: { accessToken: "oat" } } },
    "anthropic oat oauth claude-code",
  ],
  [
    "Codex's key",
    codex({ OPENAI_API_KEY: "sk-1", tokens: { access_token: living } }),
    "openai sk-1 api_key codex",
  ],
  [
    "Codex's login",
    codex({ OPENAI_API_KEY: null, tokens: { access_token: living } }),
    `openai ${living} oauth codex`,
  ],
  [
    "Codex's login with a token that is no JWT",
    codex({ tokens: { access_token: "opaque" } }),
    "openai opaque oauth codex",
  ],
  [
    "OpenCode's key",
    opencode({ anthropic: { type: "api", key: "sk-2" } }),
    "anthropic sk-2 api_key opencode",
  ],
  [
    "OpenCode's login",
    opencode({ anthropic: { type: "oauth", access: "oat", refresh: "r", expires: LATER } }),
    "anthropic oat oauth opencode",
  ],
  [
    "OpenCode's login that does not end",
    opencode({ "github-copilot": { type: "oauth", access: "gho", refresh: "r", expires: 0 } }),
    "github-copilot gho oauth opencode",
  ],
  [
    "OpenCode's key of any provider, beside entries of other kinds",
    opencode({
      site: { type: "wellknown", key: "K", token: "t" },
      groq: { type: "api", key: "gsk" },
      odd: 1,
    }),
    "groq gsk api_key opencode",
  ],
  [
    "Amp's key",
    { ".local/share/amp/secrets.json": { "apiKey@https://ampcode.com/": "sgamp_1" } },
    "amp sgamp_1 api_key amp",
  ],
  [
    "the key of Anthropic that Amp kept",
    amp({ auth: { apiKey: KEY } }),
    `anthropic ${KEY} api_key amp`,
  ],
  ["a key of Amp where it kept others", amp({ apiKey: "sgamp_2" }), "amp sgamp_2 api_key amp"],
  [
    "the first of several members",
    amp({ token: "third", apiKey: "first", api_key: "second" }),
    "anthropic first api_key amp",
  ],
];

/** What is passed over. */
const passedOver: [title: string, files: Files][] = [
  ["a file that is no JSON", { ".codex/auth.json": "{" }],
  ["a file of another shape", { ".codex/auth.json": [] }],
  ["an empty key", codex({ OPENAI_API_KEY: " " })],
  ["a key that is no text", codex({ OPENAI_API_KEY: 5 })],
  ["a key that no variable can hold", codex({ OPENAI_API_KEY: "sk\0" })],
  ["a key of Claude's with another beginning", { ".claude.json": { primaryApiKey: "sk-1" } }],
  ["the file of one developer", { ".claude.json.nathan": { primaryApiKey: KEY } }],
  ["Claude's login that has expired", claude({ accessToken: "oat", expiresAt: EARLIER })],
  ["Claude's login that expires now", claude({ accessToken: "oat", expiresAt: NOW })],
  [
    "Claude's login that has expired, with a date as text",
    claude({ accessToken: "oat", expiresAt: new Date(EARLIER).toISOString() }),
  ],
  ["Codex's login that has expired", codex({ tokens: { access_token: dead } })],
  [
    "OpenCode's login that has expired",
    opencode({ anthropic: { type: "oauth", access: "oat", refresh: "r", expires: EARLIER } }),
  ],
  [
    "Amp's key of another server",
    { ".local/share/amp/secrets.json": { "apiKey@https://amp.example.com/": "sgamp_1" } },
  ],
];

describe("what agents have stored", () => {
  it.each(found)("%s is found", async (_, files, expected) => {
    await using home = await homeWith(files);
    const all = await home.credentials().find();
    expect(
      all.map(({ provider, key, type, source }) => `${provider} ${key} ${type} ${source}`),
    ).toEqual([expected]);
  });

  it.each(passedOver)("%s is passed over", async (_, files) => {
    await using home = await homeWith(files);
    expect(await home.credentials().find()).toEqual([]);
  });

  it("what cannot be read is passed over: a folder, a device, a closed file", async () => {
    await using home = await homeWith({ ".codex/auth.json": { OPENAI_API_KEY: "sk-1" } });
    await mkdir(join(home.dir, ".claude.json"));
    await symlink("/dev/zero", join(home.dir, ".claude.json.api"));
    await chmod(join(home.dir, ".codex"), 0o000);
    const expected = process.getuid?.() === 0 ? 1 : 0;
    expect(await home.credentials().find()).toHaveLength(expected);
    await chmod(join(home.dir, ".codex"), 0o700);
  });

  it("variables of their own move the files", async () => {
    await using home = await homeWith({
      "c/auth.json": { OPENAI_API_KEY: "sk-1" },
      "a/.claude.json": { primaryApiKey: KEY },
      "d/opencode/auth.json": { groq: { type: "api", key: "gsk" } },
      "d/amp/secrets.json": { "apiKey@http://127.0.0.1:1": "sgamp_1" },
    });
    const env = {
      CODEX_HOME: join(home.dir, "c"),
      CLAUDE_CONFIG_DIR: join(home.dir, "a"),
      XDG_DATA_HOME: join(home.dir, "d"),
      AMP_URL: "http://127.0.0.1:1/",
    };
    const all = await home.credentials(env).find();
    expect(all.map(({ key }) => key).toSorted()).toEqual(
      ["gsk", KEY, "sgamp_1", "sk-1"].toSorted(),
    );
  });

  it("a file is read again when it has changed, and when it has gone", async () => {
    await using home = await homeWith({});
    const credentials = home.credentials();
    const keys = async () => (await credentials.find()).map(({ key }) => key);
    expect(await keys()).toEqual([]);
    await home.write(codex({ OPENAI_API_KEY: "sk-1" }));
    expect(await keys()).toEqual(["sk-1"]);
    await home.write(codex({ OPENAI_API_KEY: "sk-22" }));
    expect(await keys()).toEqual(["sk-22"]);
    await home.write(codex({}));
    expect(await keys()).toEqual([]);
  });
});

describe("of several keys", () => {
  const everywhere = {
    ...amp({ apiKey: "of-amp" }),
    ".claude.json": { primaryApiKey: "sk-ant-of-claude" },
    ...codex({ OPENAI_API_KEY: "of-codex" }),
    ...opencode({
      anthropic: { type: "api", key: "of-opencode" },
      openai: { type: "api", key: "of-opencode" },
    }),
  };
  const precedence: [title: string, env: Record<string, string>, files: Files, keys: string[]][] = [
    [
      "ANTHROPIC_API_KEY is first",
      { ANTHROPIC_API_KEY: "1", CLAUDE_API_KEY: "2" },
      everywhere,
      ["1", "of-codex"],
    ],
    [
      "CLAUDE_API_KEY comes before a token",
      { CLAUDE_API_KEY: "2", CLAUDE_CODE_OAUTH_TOKEN: "3" },
      everywhere,
      ["2", "of-codex"],
    ],
    [
      "CLAUDE_CODE_OAUTH_TOKEN comes before ANTHROPIC_AUTH_TOKEN",
      { CLAUDE_CODE_OAUTH_TOKEN: "3", ANTHROPIC_AUTH_TOKEN: "4" },
      everywhere,
      ["3", "of-codex"],
    ],
    [
      "a token comes before the files",
      { ANTHROPIC_AUTH_TOKEN: "4" },
      everywhere,
      ["4", "of-codex"],
    ],
    [
      "OPENAI_API_KEY comes before CODEX_API_KEY",
      { OPENAI_API_KEY: "5", CODEX_API_KEY: "6" },
      {},
      ["5"],
    ],
    [
      "an empty variable does not win",
      { ANTHROPIC_API_KEY: "", CLAUDE_API_KEY: " ", OPENAI_API_KEY: "" },
      everywhere,
      ["of-amp", "of-codex"],
    ],
    ["Amp's file comes before Claude's", {}, everywhere, ["of-amp", "of-codex"]],
    [
      "Claude's comes before OpenCode's",
      {},
      { ...everywhere, ...amp({}) },
      ["sk-ant-of-claude", "of-codex"],
    ],
    [
      "OpenCode's are last",
      {},
      { ...everywhere, ...amp({}), ...codex({}), ".claude.json": "" },
      ["of-opencode", "of-opencode"],
    ],
  ];

  it.each(precedence)("%s", async (_, env, files, keys) => {
    await using home = await homeWith(files);
    const all = await home.credentials(env).find();
    const of = (wanted: string) => all.filter(({ provider }) => provider === wanted);
    expect([...of("anthropic"), ...of("openai")].map(({ key }) => key)).toEqual(keys);
  });

  it("logins can be left out", async () => {
    await using home = await homeWith({
      ...claude({ accessToken: "oat" }),
      ...opencode({ anthropic: { type: "api", key: "of-opencode" } }),
    });
    const env = { CLAUDE_CODE_OAUTH_TOKEN: "3" };
    const all = await home.credentials(env).find({ oauth: false });
    expect(all.map(({ key }) => key)).toEqual(["of-opencode"]);
  });
});
