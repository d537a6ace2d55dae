import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODEX_KEY, CONFIG, type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";

let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex();
});

afterAll(() => codex[Symbol.asyncDispose]());

describe("a turn", () => {
  it("is answered in deltas, with the key of the environment, and nothing is written about it", () =>
    codex.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "completed",
        usage: { input_tokens: expect.any(Number), context_window: expect.any(Number) },
      });
      expect(session.said()).toEqual(["Hello from the scripted model."]);
      expect(session.of("item.delta").length).toBeGreaterThan(1);
      expect(codex.model.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${CODEX_KEY}`);
      const config = join(codex.home.dir, ".codex");
      expect(await readFile(join(config, "config.toml"), "utf8")).toBe(CONFIG);
      await expect(stat(join(config, "auth.json"))).rejects.toThrow();
    }));
});

it("lists the models that the CLI offers, with their efforts and the default", async () => {
  const answer = await fetch(`${codex.daemon.url}/v1/agents/codex/models`);
  const { models, defaultModel } = (await answer.json()) as {
    models: { id: string; variants?: string[] }[];
    defaultModel: string;
  };
  expect(models.map(({ id }) => id)).toContain(defaultModel);
  expect(models.every(({ variants }) => (variants?.length ?? 0) > 0)).toBe(true);
});
