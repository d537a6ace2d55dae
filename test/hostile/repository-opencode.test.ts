import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentDaemon } from "../support/agent-daemon.ts";
import { opencodeUnderTest } from "../support/agents/opencode.ts";
import { expectHarmless, ignoredSettings, SHORT_IDLE } from "../support/hostile/expectations.ts";
import { HostileRepository } from "../support/hostile/world.ts";
import type { OpencodeDaemon } from "../support/opencode-daemon.ts";

/** Code that OpenCode loads whatever its settings are, so that it is refused. */
const LOADED = /^\.opencode\/(plugins?\/|opencode\.jsonc)/;
/** Code whose dependencies OpenCode would first download, which no test can wait for. */
const DOWNLOADING = /^\.opencode\/(plugins?\/|tool\/|opencode\.jsonc)/;
let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await AgentDaemon.start(opencodeUnderTest, { args: SHORT_IDLE });
  // The first server in a new home makes its database, which takes seconds.
  await opencode.session(async () => {});
});

afterAll(() => opencode[Symbol.asyncDispose]());

async function repositoryIn(name: string, without?: RegExp): Promise<HostileRepository> {
  return await HostileRepository.create(await opencode.directory(name), without);
}

function asked(directory: string): string {
  const texts = opencode.model.requests.map(({ body }) => JSON.stringify(body));
  return texts.filter((text) => text.includes(directory)).join("\n");
}

describe("a hostile repository with OpenCode", () => {
  it("runs and redirects nothing in the mode default, also with plugins that come later", async () => {
    await using repository = await repositoryIn("ignored", LOADED);
    const { directory } = repository;
    await opencode.session(
      async (session) => {
        expect(await session.run("hello @@text@@")).toMatchObject({ status: "completed" });
        const listed = ignoredSettings(session);
        expect(listed).toContain('opencode.json starts "sh", connects to "http://127.0.0.1:');
        expect(listed).toContain(".opencode/tool defines tools");
        await expect.poll(() => opencode.agentProcesses()).toEqual([]);
        await repository.plant(/^$/);
        expect(await session.run("again @@text@@")).toMatchObject({
          status: "failed",
          error: { message: expect.stringContaining("holds plugins") },
        });
      },
      { directory },
    );
    await expectHarmless(repository);
    const text = asked(directory);
    for (const word of ["ROOT-AGENTS", "APP-AGENTS"]) expect(text).toContain(word);
    expect(text).not.toContain("EVIL-");
    expect(text).toContain("tiny_echo");
  });

  it("is refused with the names of its plugins, which OpenCode would load", async () => {
    await using repository = await repositoryIn("plugins");
    const { directory } = repository;
    const opening = opencode.session(async () => {}, { directory });
    await expect(opening).rejects.toThrow(/400 .*\.opencode\/plugin holds plugins/);
    await expectHarmless(repository);
  });

  it("is refused under a link to one of its folders, although no plugin is above the link", async () => {
    await using repository = await repositoryIn("linked");
    const target = join(repository.directory, "deep");
    const directory = join(repository.directory, "../../link");
    await mkdir(target);
    await symlink(target, directory);
    const opening = opencode.session(
      async (session) => void (await session.run("hello @@text@@")),
      { directory },
    );
    await expect(opening).rejects.toThrow(/400 .*\.opencode\/plugin holds plugins/);
    await expectHarmless(repository);
  });

  it("starts its MCP servers when its settings are used", async () => {
    await using repository = await repositoryIn("used", DOWNLOADING);
    await opencode.session(async (session) => expect(ignoredSettings(session)).toBeUndefined(), {
      directory: repository.directory,
      repositorySettings: "use",
    });
    expect(await repository.ran()).toContain("app-opencode-mcp");
  });
});
