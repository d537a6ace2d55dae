import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentDaemon } from "../support/agent-daemon.ts";
import { claudeUnderTest } from "../support/agents/claude.ts";
import type { ClaudeDaemon } from "../support/claude-daemon.ts";
import {
  expectHarmless,
  ignoredSettings,
  runTwice,
  SHORT_IDLE,
} from "../support/hostile/expectations.ts";
import { HostileRepository } from "../support/hostile/world.ts";

const USER_SETTINGS = JSON.stringify({ includeCoAuthoredBy: false });
let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await AgentDaemon.start(claudeUnderTest, { args: SHORT_IDLE });
  const folder = join(claude.home.dir, ".claude");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), USER_SETTINGS);
  await writeFile(join(folder, "CLAUDE.md"), "USER-CLAUDE");
});

afterAll(() => claude[Symbol.asyncDispose]());

async function repositoryIn(name: string): Promise<HostileRepository> {
  return await HostileRepository.create(await claude.directory(name));
}

/** All requests of one session's directory to the model, as one text. */
function asked(directory: string): string {
  const texts = claude.model.requests.map(({ body }) => JSON.stringify(body));
  return texts.filter((text) => text.includes(directory)).join("\n");
}

describe("a hostile repository with Claude", () => {
  it.each(["default", "acceptEdits", "plan"])(
    "runs and redirects nothing in the mode %s, and its instructions are read",
    async (permissionMode) => {
      await using repository = await repositoryIn(`ignored-${permissionMode}`);
      const { directory } = repository;
      await claude.session(
        async (session) => {
          await runTwice(claude, session);
          expect(await session.info()).toMatchObject({ repositorySettings: "ignore" });
          const listed = ignoredSettings(session);
          expect(listed).toContain(".claude/settings.json runs hooks, sets ");
          expect(listed).toContain('.mcp.json starts "sh"');
          expect(listed).toContain('repositorySettings "use"');
        },
        { directory, permissionMode },
      );
      await expectHarmless(repository);
      const text = asked(directory);
      const words = "ROOT-CLAUDE APP-CLAUDE IMPORTED-STYLE IMPORTED-DEEPER USER-CLAUDE";
      for (const word of words.split(" ")) expect(text).toContain(word);
      expect(text).not.toContain("EVIL-");
      expect(text).toContain("mcp__tiny__echo");
      const own = await readFile(join(claude.home.dir, ".claude/settings.json"), "utf8");
      expect(own).toBe(USER_SETTINGS);
    },
  );

  it("runs its hooks, servers and helpers when its settings are used", async () => {
    await using repository = await repositoryIn("used");
    await claude.session(
      async (session) => {
        await session.run("hello @@text@@");
        expect(ignoredSettings(session)).toBeUndefined();
      },
      { directory: repository.directory, repositorySettings: "use" },
    );
    const ran = await repository.ran();
    expect(ran).toEqual(
      expect.arrayContaining([
        "app-claude-apiKeyHelper",
        "app-claude-hook-SessionStart",
        "app-claude-localHook-UserPromptSubmit",
        "app-claude-mcp",
      ]),
    );
    expect(repository.received.join("\n")).toContain("/v1/messages");
  });

  it("uses its settings by default in the mode bypass", async () => {
    await using repository = await repositoryIn("bypassed");
    await claude.session(
      async (session) => {
        expect(await session.info()).toMatchObject({ repositorySettings: "use" });
        await session.run("hello @@text@@");
      },
      { directory: repository.directory, permissionMode: "bypass" },
    );
    expect(await repository.ran()).toContain("app-claude-hook-SessionStart");
  });

  it("cannot hand over a file from outside by a link or an import, nor block by a pipe", async () => {
    const folder = await claude.directory("links");
    await writeFile(join(folder, "secret.md"), "OUTSIDE-SECRET");
    const directory = join(folder, "project");
    await mkdir(join(directory, ".git"), { recursive: true });
    await symlink("../secret.md", join(directory, "CLAUDE.local.md"));
    await writeFile(
      join(directory, "CLAUDE.md"),
      "INSIDE-WORDS\n@../secret.md\n@/etc/hostname\n@pipe.md\n@CLAUDE.md\n`@code.md`\n",
    );
    await writeFile(join(directory, "code.md"), "CODE-WORDS");
    await execa("mkfifo", [join(directory, "pipe.md"), join(directory, "AGENTS.md")]);
    await claude.session(
      async (session) => {
        expect(await session.run("hello @@text@@")).toMatchObject({ status: "completed" });
      },
      { directory },
    );
    const text = asked(directory);
    expect(text).toContain("INSIDE-WORDS");
    expect(text).not.toMatch(/OUTSIDE-SECRET|CODE-WORDS/);
  });
});
