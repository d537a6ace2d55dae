import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseJsonc } from "../../../src/agents/jsonc.ts";
import { launchArguments, type Launch } from "../../../src/agents/amp/launch.ts";
import { abilitiesFrom } from "../../../src/agents/amp/probe.ts";
import { askingSettings, overridingFile, userSettings } from "../../../src/agents/amp/settings.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const STREAM = ["--stream-json-thinking", "--stream-json-input", "--execute"];
const launch: Launch = {
  permissionMode: "default",
  model: null,
  threadId: null,
  settingsFile: "/private/settings.json",
  abilities: { serverLoop: true, modes: [] },
};

describe("the command line", () => {
  it("of a new thread keeps it in the user's list", () => {
    expect(launchArguments(launch)).toEqual([
      "--settings-file=/private/settings.json",
      "--no-ide",
      "--no-archive-after-execute",
      ...STREAM,
    ]);
  });

  it("goes on with a thread, in a mode", () => {
    expect(launchArguments({ ...launch, threadId: "T-1", model: "high" })).toEqual([
      "threads",
      "continue",
      "T-1",
      "--mode=high",
      "--settings-file=/private/settings.json",
      "--no-ide",
      ...STREAM,
    ]);
  });

  it("leaves the mode to the CLI where a client of the older API names its default", () => {
    expect(launchArguments({ ...launch, model: "amp-default" })).toEqual(launchArguments(launch));
  });

  it("of the mode bypass is the CLI's own, and has no settings of ours", () => {
    const bypass = { ...launch, permissionMode: "bypass", settingsFile: undefined };
    expect(launchArguments(bypass)).toEqual([
      "--dangerously-allow-all",
      "--no-ide",
      "--no-archive-after-execute",
      ...STREAM,
    ]);
  });

  it("of the older CLI has no option that it does not know", () => {
    const old = { ...launch, abilities: { serverLoop: false, modes: [] } };
    expect(launchArguments(old)).not.toContain("--no-archive-after-execute");
  });
});

describe("what the help tells of a CLI", () => {
  it.each([
    [
      "(low, medium, high, ultra, or a plugin mode by\n  key or label, case-insensitive) --no-archive-after-execute",
      { serverLoop: true, modes: ["low", "medium", "high", "ultra"] },
    ],
    // Of the older CLI the mode `rush` cannot be driven by a program.
    ["(free, rush, smart) — controls", { serverLoop: false, modes: ["free", "smart"] }],
    ["", { serverLoop: false, modes: [] }],
  ])("%j", (help, abilities) => {
    expect(abilitiesFrom(`-m, --mode <value>\n      Set the agent mode ${help}`)).toEqual(
      abilities,
    );
  });
});

describe("the settings of a process that asks", () => {
  it("are the user's, with ours below their rules and what they would ask passed to us", () => {
    const rules = [
      { tool: "Bash", action: "ask" },
      { tool: "x", action: "reject" },
    ];
    const settings = askingSettings(
      { "amp.permissions": rules, "amp.dangerouslyAllowAll": true, "amp.proxy": "http://p" },
      "/private/delegate",
    );
    const asks = { action: "delegate", to: "/private/delegate" };
    expect(settings).toMatchObject({ "amp.dangerouslyAllowAll": false, "amp.proxy": "http://p" });
    const written = settings["amp.permissions"] as unknown[];
    expect(written.slice(0, 2)).toEqual([{ tool: "Bash", ...asks }, rules[1]]);
    expect(written.at(-1)).toEqual({ tool: "*", ...asks });
    expect(written).toContainEqual({ tool: "Read", action: "allow" });
    expect(written).not.toContainEqual({ tool: "read_web_page", action: "allow" });
  });

  it("are read where the CLI would read them", async () => {
    await using home = await temporaryHome();
    const folder = join(home.dir, ".config/amp");
    await mkdir(folder, { recursive: true });
    expect(await userSettings(home.env)).toEqual({});
    await writeFile(join(folder, "settings.jsonc"), '{ "a": 1, // one\n }');
    expect(await userSettings(home.env)).toEqual({ a: 1 });
    await writeFile(join(folder, "settings.json"), '{ "a": 2 }');
    expect(await userSettings(home.env)).toEqual({ a: 2 });
    const named = join(home.work, "mine.json");
    await writeFile(named, "{");
    await expect(userSettings({ ...home.env, AMP_SETTINGS_FILE: named })).rejects.toThrow(named);
  });

  it("are overridden by a file in the directory, or above it in its repository only", async () => {
    await using home = await temporaryHome();
    const below = join(home.work, "a/b");
    await mkdir(below, { recursive: true });
    await mkdir(join(home.work, ".amp"));
    const file = join(home.work, ".amp/settings.json");
    await writeFile(file, '{ "amp.permissions": [] }');
    expect(await overridingFile(home.work)).toBe(file);
    expect(await overridingFile(below)).toBeUndefined();
    await mkdir(join(home.work, ".git"));
    expect(await overridingFile(below)).toBeUndefined();
    await writeFile(join(home.work, ".git/HEAD"), "ref: refs/heads/main\n");
    expect(await overridingFile(below)).toBe(file);
    await writeFile(file, '{ "amp.dangerouslyAllowAll": false, "amp.mcpServers": {} }');
    expect(await overridingFile(below)).toBeUndefined();
  });
});

it.each([
  ['{"a": "//no comment", /* one */ "b": [1, 2,], }', { a: "//no comment", b: [1, 2] }],
  ['{"a": "say \\"/*\\" ,}" }', { a: 'say "/*" ,}' }],
  ["", {}],
])("reads settings as people write them: %j", (text, value) => {
  expect(parseJsonc(text)).toEqual(value);
});
