import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodexDaemon, CONFIG, startCodex } from "../support/codex-daemon.ts";
import {
  expectHarmless,
  ignoredSettings,
  runTwice,
  SHORT_IDLE,
} from "../support/hostile/expectations.ts";
import { HostileRepository } from "../support/hostile/world.ts";

const OWN = `developer_instructions = "USER-DEVELOPER"\n${CONFIG}`;
let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex({ config: OWN, args: SHORT_IDLE });
});

afterAll(() => codex[Symbol.asyncDispose]());

async function repositoryIn(name: string): Promise<HostileRepository> {
  return await HostileRepository.create(await codex.directory(name));
}

const configFile = () => join(codex.home.dir, ".codex/config.toml");

function asked(directory: string): string {
  const texts = codex.model.requests.map(({ body }) => JSON.stringify(body));
  return texts.filter((text) => text.includes(directory)).join("\n");
}

describe("a hostile repository with Codex", () => {
  it.each(["default", "acceptEdits", "plan"])(
    "runs and redirects nothing in the mode %s, and its instructions are read",
    async (permissionMode) => {
      await using repository = await repositoryIn(`ignored-${permissionMode}`);
      const { directory } = repository;
      await codex.session(
        async (session) => {
          await runTwice(codex, session);
          const listed = ignoredSettings(session);
          expect(listed).toMatch(/\.codex\/config\.toml sets "approval_policy"/);
          expect(listed).toContain(".codex/hooks.json runs hooks");
        },
        { directory, permissionMode },
      );
      await expectHarmless(repository);
      const text = asked(directory);
      for (const word of ["ROOT-AGENTS", "APP-AGENTS", "USER-DEVELOPER"]) {
        expect(text).toContain(word);
      }
      expect(text).not.toContain("EVIL-DEVELOPER");
      expect(await readFile(configFile(), "utf8")).toBe(OWN);
    },
  );

  it("has its commands asked for although its rules allow them", async () => {
    await using repository = await repositoryIn("rules");
    await codex.session(
      async (session) => {
        const turn = await session.send("go @@bashtwice@@");
        expect(await session.reply("reject")).toMatchObject({ metadata: { command: /touch/ } });
        await session.interrupt();
        await session.turnEnded(turn);
      },
      { directory: repository.directory },
    );
    await expectHarmless(repository);
  });

  it("runs nothing in a folder that the user's configuration trusts", async () => {
    await using repository = await repositoryIn("trusted");
    const { directory } = repository;
    const trusted = [directory, join(directory, "..")].map(
      (path) => `[projects.${JSON.stringify(path)}]\ntrust_level = "trusted"\n`,
    );
    const config = `${OWN}\n${trusted.join("\n")}`;
    await writeFile(configFile(), config);
    try {
      await codex.session((session) => runTwice(codex, session), { directory });
      expect(await readFile(configFile(), "utf8")).toBe(config);
    } finally {
      await writeFile(configFile(), OWN);
    }
    await expectHarmless(repository);
    expect(asked(directory)).toContain("APP-AGENTS");
  });

  it("starts its MCP servers when its settings are used, and is not trusted for ever", async () => {
    await using repository = await repositoryIn("used");
    const { directory } = repository;
    await codex.session(
      async (session) => {
        await session.run("hello @@text@@");
        expect(ignoredSettings(session)).toBeUndefined();
      },
      { directory, repositorySettings: "use" },
    );
    expect(await repository.ran()).toContain("app-codex-mcp");
    expect(asked(directory)).toContain("EVIL-DEVELOPER");
    expect(await readFile(configFile(), "utf8")).toBe(OWN);
  });
});
