import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refuseLoaded as refuseAmp } from "../../src/agents/amp/repository.ts";
import { overridingFile, unaskedSettings } from "../../src/agents/amp/settings.ts";
import { claudeEntries } from "../../src/agents/claude/repository.ts";
import { claudeInstructions } from "../../src/agents/claude/instructions.ts";
import { codexEntries } from "../../src/agents/codex/repository.ts";
import { importsOf } from "../../src/agents/instructions.ts";
import { parseJsonc } from "../../src/agents/jsonc.ts";
import { refuseLoaded as refuseOpencode } from "../../src/agents/opencode/repository.ts";
import { describeIgnored } from "../../src/agents/repository.ts";

let folder = "";

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "sa-repository-")));
  await mkdir(join(folder, "project/.git"), { recursive: true });
});

afterEach(() => rm(folder, { recursive: true }));

const project = (path = "") => join(folder, "project", path);

describe("the description of ignored settings", () => {
  it("is undefined for a directory without settings", async () => {
    await writeFile(project(".mcp.json"), "{}");
    expect(await describeIgnored(project(), undefined, claudeEntries)).toBeUndefined();
  });

  it("names the files of the directory and of the folders up to the repository's root", async () => {
    await mkdir(project("app/.claude/agents"), { recursive: true });
    await writeFile(project("app/.claude/agents/a.md"), "");
    await writeFile(join(folder, ".mcp.json"), '{"mcpServers":{"a":{"command":"outside"}}}');
    await writeFile(project(".mcp.json"), '{"mcpServers":{"a":{"command":"sh"},"b":{"url":"x"}}}');
    expect(await describeIgnored(project("app"), undefined, claudeEntries)).toBe(
      '.claude/agents defines agents; ../.mcp.json starts "sh", connects to "x"',
    );
    expect(await describeIgnored(project("app"), project(), claudeEntries)).toBe(
      ".claude/agents defines agents",
    );
  });

  it("names the files above the real folder if the path of the directory contains a link", async () => {
    await mkdir(project("app/.claude/agents"), { recursive: true });
    await writeFile(project("app/.claude/agents/a.md"), "");
    await mkdir(project("app/deep"));
    await symlink(project("app/deep"), join(folder, "link"));
    const link = join(folder, "link");
    expect(await describeIgnored(link, undefined, claudeEntries)).toBe(
      "../project/app/.claude/agents defines agents",
    );
    await symlink(project("app"), join(folder, "home"));
    expect(await describeIgnored(link, join(folder, "home"), claudeEntries)).toBeUndefined();
  });

  it("bounds and escapes the words of a file", async () => {
    const command = `\u001B[2J\u202E"${"x".repeat(10_000)}`;
    const servers = Array.from({ length: 1000 }, (_, n) => [`s${n}`, { command }]);
    const text = JSON.stringify({ mcpServers: Object.fromEntries(servers) });
    await writeFile(project(".mcp.json"), text.slice(0, 200_000));
    expect(await describeIgnored(project(), undefined, claudeEntries)).toBe(
      ".mcp.json is not valid JSON",
    );
    await writeFile(project(".mcp.json"), JSON.stringify({ mcpServers: { a: { command } } }));
    const told = (await describeIgnored(project(), undefined, claudeEntries)) ?? "";
    expect(told.length).toBeLessThan(150);
    expect(told).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(told).toContain('\\"xxx');
  });

  it("reports a pipe and a file that is too large as unreadable", async () => {
    await execa("mkfifo", [project(".mcp.json")]);
    await mkdir(project(".claude"));
    await writeFile(project(".claude/settings.json"), " ".repeat(300_000));
    expect(await describeIgnored(project(), undefined, claudeEntries)).toBe(
      ".claude/settings.json cannot be read; .mcp.json cannot be read",
    );
  });

  it("lists the first names of a TOML file and its tables", async () => {
    await mkdir(project(".codex"));
    const text = 'notify = ["sh"]\n[mcp_servers.a]\ncommand = "sh"\n[[hooks.Stop]]\n';
    await writeFile(project(".codex/config.toml"), text);
    expect(await describeIgnored(project(), undefined, codexEntries)).toBe(
      '.codex/config.toml sets "notify", "mcp_servers", "hooks"',
    );
  });
});

describe("a directory whose path contains a link", () => {
  let link = "";

  beforeEach(async () => {
    link = join(folder, "link");
    await mkdir(project("app/deep"), { recursive: true });
    await writeFile(project(".git/HEAD"), "");
    await symlink(project("app/deep"), link);
  });

  it("is refused for a plugin of OpenCode above the real folder", async () => {
    await mkdir(project("app/.opencode/plugin"), { recursive: true });
    await writeFile(project("app/.opencode/plugin/a.js"), "");
    await expect(refuseOpencode(link, undefined)).rejects.toThrow(/plugin holds plugins/);
  });

  it("is refused for settings, plugins and skills of Amp above the real folder", async () => {
    await mkdir(project("app/.amp/plugins"), { recursive: true });
    await writeFile(project("app/.amp/plugins/a.ts"), "");
    await mkdir(project(".agents/skills/a"), { recursive: true });
    await writeFile(project(".agents/skills/a/mcp.json"), "{}");
    await writeFile(project("app/.amp/settings.json"), '{"amp.permissions":[]}');
    await expect(refuseAmp(link, undefined, false)).rejects.toThrow(
      /settings\.json sets.*plugins holds plugins.*mcp\.json brings MCP servers/,
    );
    expect(await overridingFile(link)).toBe(project("app/.amp/settings.json"));
  });
});

describe("instruction files", () => {
  it("are read from the outermost folder inwards, each once, with their imports", async () => {
    await mkdir(project("app/.claude"), { recursive: true });
    await writeFile(project("CLAUDE.md"), "ROOT @app/shared.md");
    await writeFile(project("app/shared.md"), "SHARED");
    await writeFile(project("app/.claude/CLAUDE.md"), "INNER @../shared.md");
    await writeFile(project("app/AGENTS.md"), "AGENTS");
    const text = (await claudeInstructions(project("app"))) ?? "";
    expect(text.match(/ROOT|SHARED|INNER|AGENTS/g)).toEqual(["ROOT", "SHARED", "INNER"]);
  });

  it("stop at five imports in a row and at a megabyte", async () => {
    for (let n = 0; n < 9; n++) await writeFile(project(`${n}.md`), `F${n} @${n + 1}.md`);
    await writeFile(project("CLAUDE.md"), "START @0.md");
    expect((await claudeInstructions(project()))?.match(/\bF\d @/g)).toHaveLength(5);
    const names = Array.from({ length: 8 }, (_, n) => `big${n}.md`);
    for (const name of names) await writeFile(project(name), "x".repeat(200_000));
    await writeFile(project("CLAUDE.md"), names.map((name) => `@${name}`).join(" "));
    expect((await claudeInstructions(project()))?.length).toBeLessThan(1_050_000);
  });

  it("are not read through a link that leaves the repository", async () => {
    await writeFile(join(folder, "secret"), "SECRET");
    await symlink(join(folder, "secret"), project("CLAUDE.md"));
    await symlink("/dev/zero", project("CLAUDE.local.md"));
    expect(await claudeInstructions(project())).toBeUndefined();
  });

  it("are not read through a linked folder that leaves the repository", async () => {
    await mkdir(join(folder, "other"));
    await writeFile(join(folder, "other/CLAUDE.md"), "OTHER @secret");
    await writeFile(join(folder, "other/secret"), "SECRET");
    await symlink(join(folder, "other"), project(".claude"));
    expect(await claudeInstructions(project())).toBeUndefined();
  });

  it("are read in the folders above the repository and behind a link to the directory", async () => {
    await mkdir(join(folder, ".claude"));
    await writeFile(join(folder, ".claude/CLAUDE.md"), "ABOVE");
    await mkdir(join(folder, "other"));
    await writeFile(join(folder, "other/CLAUDE.md"), "OTHER");
    await symlink(join(folder, "other"), project("app"));
    expect((await claudeInstructions(project("app")))?.match(/ABOVE|OTHER/g)).toEqual([
      "ABOVE",
      "OTHER",
    ]);
  });

  it("import relative paths outside of code only", () => {
    const text = "see @a.md and @b/c.md\n`@code.md`\n```\n@fenced.md\n```\n@/abs @~/home x@y.z";
    expect(importsOf(text)).toEqual(["a.md", "b/c.md"]);
  });
});

it.each([
  ["a line that begins like its end", "---\nname: a\n---x: 1\nmcpServers: {}\n---\n", true],
  ["a longer line", "---\nname: a\n----: 1\nmcpServers: {}\n---\n", true],
  ["another line end", "---\nname: a\n---\r\nmcpServers: {}\n---\n", true],
  ["blank lines before it", "\uFEFF\n\n\n\n---\nname: a\nmcpServers: {}\n---\n", true],
  ["no end", "---\nname: a\nmcpServers: {}\n", true],
  ["an end without a line end", "---\nmcpServers: {}\n---", true],
  ["an encoded name", "---\nname: a\n!!binary bWNwU2VydmVycw==: {}\n---\n", true],
  ["an encoded name in a list", "---\n{a: 1,!<tag:yaml.org,2002:binary> bWNw: {}}\n---\n", true],
  ["a tag of its own", "---\n%TAG !e! tag:yaml.org,2002:\n---\n", true],
  ["an escaped name", '---\nname: a\n{ "mcp\\u0053ervers": {} }\n---\n', true],
  ["many quotation marks", `---\nname: ${'"'.repeat(250_000)}\n---\n`, false],
  ["an exclamation mark", "---\nname: a\ndescription: Go! Now!\n---\n", false],
  ["nothing but a name", "---\nname: a\n---\nSet mcpServers.\n\n---\n", false],
  ["Windows line ends", "---\r\nname: a\r\n---\r\nSet mcpServers.\r\n", false],
  ["nothing", "---\n---\nSet mcpServers.\n", false],
])("a skill of Amp is searched for servers in front matter with %s", async (_, text, isRefused) => {
  await mkdir(project(".agents/skills/a"), { recursive: true });
  await writeFile(project(".agents/skills/a/SKILL.md"), text);
  const refusal = refuseAmp(project(), undefined, false);
  if (isRefused) await expect(refusal).rejects.toThrow(/SKILL\.md brings MCP servers/);
  else await expect(refusal).resolves.toBeUndefined();
});

it("a skill of Amp is refused for a list of servers in capital letters", async () => {
  await mkdir(project(".agents/skills/a"), { recursive: true });
  await writeFile(project(".agents/skills/a/MCP.json"), "{}");
  await expect(refuseAmp(project(), undefined, false)).rejects.toThrow(/MCP\.json brings/);
});

it("only harmless settings of an Amp workspace are left to the CLI", () => {
  const settings = [
    "amp.showCosts",
    "amp.mcpServers",
    "amp.proxy",
    "amp.permissions",
    "amp.newest",
  ];
  const given = Object.fromEntries(settings.map((name) => [name, true]));
  expect(unaskedSettings(given)).toEqual(["amp.proxy", "amp.permissions", "amp.newest"]);
});

it.each(['"', '\\"', "/*", '"\\\n', ",", "//"])(
  "JSON with comments of a quarter megabyte of %j is read at once",
  (piece) => {
    const text = piece.repeat(Math.ceil(262_144 / piece.length));
    // With quadratic work this test would reach its time limit.
    expect(() => parseJsonc(`[${text}`)).toThrow(SyntaxError);
  },
);
