import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { postJson } from "../../support/post-json.ts";

let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode();
});

afterAll(() => opencode[Symbol.asyncDispose]());

it("lists the models of the configured providers, and the default", async () => {
  const answer = await fetch(`${opencode.daemon.url}/v1/agents/opencode/models`);
  const { models, defaultModel } = (await answer.json()) as {
    models: { id: string }[];
    defaultModel: string;
  };
  expect(models.map(({ id }) => id).toSorted()).toEqual([
    "anthropic/claude-scripted-1",
    "anthropic/claude-scripted-2",
  ]);
  expect(defaultModel).toBe("anthropic/claude-scripted-1");
});

describe("the creation of a session", () => {
  const create = async (daemon: OpencodeDaemon, body: object) => {
    const directory = join(daemon.home.work, "fresh");
    await mkdir(directory, { recursive: true });
    const answer = await postJson(`${daemon.daemon.url}/v1/sessions/fresh`, {
      agent: "opencode",
      directory,
      ...body,
    });
    return { status: answer.status, problem: (await answer.json()) as { detail?: string } };
  };

  it("is refused with variables of its own, which a shared server cannot have", async () => {
    const { status, problem } = await create(opencode, { env: { A: "1" } });
    expect(status).toBe(400);
    expect(problem.detail).toContain("env is not supported for opencode");
  });

  it("is refused with the cure where no provider is configured, whatever OpenCode would take", async () => {
    await using bare = await startOpencode({ provider: false });
    const { status, problem } = await create(bare, {});
    expect(status).toBe(502);
    expect(problem.detail).toContain("set ANTHROPIC_API_KEY or OPENAI_API_KEY");
    expect(await readdir(join(bare.home.work, "fresh"))).toEqual([]);
  });
});
