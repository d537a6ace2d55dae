import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { extract, extractEnv } from "../../src/cli/commands/credentials.ts";
import { redact } from "../../src/credentials/redact.ts";
import { type Files, type Home, homeWith } from "../credentials/home.ts";
import { program, shellCommand } from "../support/program.ts";

const opencode = (content: object): Files => ({ ".local/share/opencode/auth.json": content });
const api = (key: string) => ({ type: "api", key });

/** What a command writes; `isTTY`: whether it believes to write to a terminal. */
async function written(
  command: typeof extract,
  home: Home,
  options: object = {},
  { isTTY = false, env = {} }: { isTTY?: boolean; env?: Record<string, string> } = {},
) {
  const out = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    isTTY,
    write: (text: string) => {
      out[name] += text;
    },
  });
  const around = {
    env: { HOME: home.dir, ...env },
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  };
  await command(options, around);
  return out;
}

describe("credentials extract", () => {
  const files = {
    ".codex/auth.json": { OPENAI_API_KEY: "sk-openai-of-codex" },
    ...opencode({ groq: api("gsk-of-opencode"), anthropic: api("sk-ant-of-opencode") }),
  };

  it("tells every key in part, with what it is and where it is from", async () => {
    await using home = await homeWith(files);
    const env = { ANTHROPIC_AUTH_TOKEN: "token-of-env", AMP_API_KEY: "sgamp_of_env" };
    const { stdout } = await written(extract, home, {}, { env });
    expect(JSON.parse(stdout)).toEqual({
      anthropic: {
        provider: "anthropic",
        source: "environment",
        auth_type: "oauth",
        api_key: "toke...-env",
        redacted: true,
      },
      openai: {
        provider: "openai",
        source: "codex",
        auth_type: "api_key",
        api_key: "sk-o...odex",
        redacted: true,
      },
      other: {
        amp: expect.objectContaining({ source: "environment", api_key: "sgam..._env" }),
        groq: expect.objectContaining({ source: "opencode", api_key: "gsk-...code" }),
      },
    });
    expect(stdout).toBe(`${JSON.stringify(JSON.parse(stdout), undefined, 2)}\n`);
  });

  it("tells whole keys only when told to", async () => {
    await using home = await homeWith(files);
    const { stdout } = await written(extract, home, { reveal: true });
    expect(JSON.parse(stdout)).toMatchObject({
      anthropic: { api_key: "sk-ant-of-opencode", redacted: false },
      openai: { api_key: "sk-openai-of-codex", redacted: false },
    });
  });

  it("says null where there is no key", async () => {
    await using home = await homeWith({});
    const { stdout } = await written(extract, home);
    expect(JSON.parse(stdout)).toEqual({ anthropic: null, openai: null, other: {} });
  });

  it.each([
    [{ agent: "claude" }, "sk-ant-of-opencode"],
    [{ agent: "codex" }, "sk-openai-of-codex"],
    [{ agent: "opencode" }, "sk-openai-of-codex"],
    [{ agent: "opencode", provider: "groq" }, "gsk-of-opencode"],
    [{ provider: "anthropic" }, "sk-ant-of-opencode"],
  ])("of %j tells one key, in part unless it is told otherwise", async (options, key) => {
    await using home = await homeWith(files);
    expect(await written(extract, home, { ...options, reveal: true })).toEqual({
      stdout: `${key}\n`,
      stderr: "",
    });
    expect(await written(extract, home, options)).toEqual({
      stdout: `${redact(key)}\n`,
      stderr: expect.stringContaining("--reveal"),
    });
  });

  it.each([
    [{ agent: "amp" }, files, "no key of amp"],
    [{ agent: "claude", provider: "openai" }, files, "claude takes no key of openai"],
    [{ provider: "mistral" }, files, "no key of mistral"],
    [{ agent: "opencode" }, opencode({ one: api("1"), two: api("2") }), "--provider: one, two"],
    [{ agent: "opencode" }, {}, "no key was found"],
  ])("of %j fails where there is none", async (options, files, message) => {
    await using home = await homeWith(files);
    await expect(written(extract, home, options)).rejects.toThrow(message);
  });

  it("of OpenCode tells the only key there is, whose ever it is", async () => {
    await using home = await homeWith(opencode({ groq: api("gsk-of-opencode") }));
    const options = { agent: "opencode", reveal: true };
    expect((await written(extract, home, options)).stdout).toBe("gsk-of-opencode\n");
  });

  it("reads another home when told to, wherever the user's own files are", async () => {
    await using home = await homeWith(files);
    await using other = await homeWith({ ".codex/auth.json": { OPENAI_API_KEY: "sk-of-other" } });
    const env = { CODEX_HOME: join(home.dir, ".codex") };
    const options = { provider: "openai", reveal: true, homeDir: other.dir };
    expect((await written(extract, home, options, { env })).stdout).toBe("sk-of-other\n");
  });

  it("leaves out logins when told to", async () => {
    await using home = await homeWith(files);
    const env = { ANTHROPIC_AUTH_TOKEN: "token-of-env" };
    const options = { provider: "anthropic", reveal: true, oauth: false };
    expect((await written(extract, home, options, { env })).stdout).toBe("sk-ant-of-opencode\n");
  });
});

it.each([
  ["12345678", "****"],
  ["  12345678\n", "****"],
  ["123456789", "1234...6789"],
  ["ключ-ключ", "ключ...ключ"],
  ["🔑🔑🔑🔑🔑🔑🔑🔑", "****"],
  ["🔑🔒🔑🔒🔑🔒🔑🔒🔑", "🔑🔒🔑🔒...🔒🔑🔒🔑"],
  ["\u001b[2J-secret-\u0007", "?[2J...et-?"],
])("of the key %j is shown %j", (key, shown) => {
  expect(redact(key)).toBe(shown);
});

describe("credentials extract-env", () => {
  const oauth = (access: string) => ({ type: "oauth", access, refresh: "r", expires: 0 });

  it.each<[title: string, files: Files, env: Record<string, string>, names: string[]]>([
    [
      "API keys",
      opencode({ anthropic: api("k"), openai: api("k") }),
      {},
      ["ANTHROPIC_API_KEY", "CLAUDE_API_KEY", "OPENAI_API_KEY", "CODEX_API_KEY"],
    ],
    ["a login of Anthropic", opencode({ anthropic: oauth("k") }), {}, ["CLAUDE_CODE_OAUTH_TOKEN"]],
    ["a token of the environment", {}, { ANTHROPIC_AUTH_TOKEN: "k" }, ["ANTHROPIC_AUTH_TOKEN"]],
    ["a login of OpenAI", { ".codex/auth.json": { tokens: { access_token: "k" } } }, {}, []],
    ["a login of another provider", opencode({ "github-copilot": oauth("k") }), {}, []],
    [
      "keys of other providers",
      opencode({ "x-ai": api("k"), "302ai": api("k") }),
      {},
      ["_302AI_API_KEY", "X_AI_API_KEY"],
    ],
    [
      "a provider whose name is no name",
      opencode({ "x;rm -rf $HOME\n": api("k") }),
      {},
      ["X_RM__RF__HOME__API_KEY"],
    ],
  ])("gives %s under the names that they have", async (_, files, env, names) => {
    await using home = await homeWith(files);
    const { stdout, stderr } = await written(extractEnv, home, {}, { env });
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect(lines.toSorted()).toEqual(names.map((name) => `${name}='k'`).toSorted());
    if (names.length === 0) expect(stderr).toContain("no variable takes the login of");
  });

  it("gives the same name once, to the provider that it belongs to", async () => {
    await using home = await homeWith(opencode({ OPENAI: api("false"), openai: api("true") }));
    const { stdout } = await written(extractEnv, home);
    expect(stdout).toBe("OPENAI_API_KEY='true'\nCODEX_API_KEY='true'\n");
  });

  it("shows no whole key on a terminal, and nothing that a shell would do", async () => {
    await using home = await homeWith(opencode({ openai: api("sk-of-opencode\nrm -rf /") }));
    const { stdout, stderr } = await written(extractEnv, home, { export: true }, { isTTY: true });
    expect(stdout).toBe(
      "# export OPENAI_API_KEY=sk-o...rf /\n# export CODEX_API_KEY=sk-o...rf /\n",
    );
    expect(stderr).toContain("--reveal");
    const told = await written(extractEnv, home, { reveal: true }, { isTTY: true });
    expect(told.stdout).toContain("OPENAI_API_KEY='sk-of-opencode\nrm -rf /'\n");
  });

  it("prints nothing where there is nothing", async () => {
    await using home = await homeWith({});
    expect(await written(extractEnv, home)).toEqual({ stdout: "", stderr: "" });
  });
});

describe("what extract-env prints is evaluated by a shell to the very keys", () => {
  it.each([
    "sk-plain",
    "it's",
    '"$(touch pwned)" `touch pwned` $HOME \\ !! # * ~ & ; |',
    "two\nlines\r\n\n",
    "-n",
    "ключ 🔑",
    "'",
    "''\\''",
  ])("%j", async (key) => {
    await using home = await homeWith(opencode({ openai: api(key) }));
    const run = `${shellCommand(program)} credentials extract-env`;
    const show = `"$0" -p 'JSON.stringify(process.env.OPENAI_API_KEY)'`;
    const script = `eval "$(${run} --export)"; ${show}; eval "$(${run})"; test "$OPENAI_API_KEY" = "$CODEX_API_KEY"`;
    const { stdout } = await execa("sh", ["-euc", script, process.execPath], {
      cwd: home.dir,
      env: { HOME: home.dir, PATH: "/usr/bin:/bin" },
      extendEnv: false,
    });
    expect(JSON.parse(stdout)).toBe(key);
  });
});
