import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODEX_KEY, CodexDaemon, CONFIG } from "../../support/codex-daemon.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";

let codex: CodexDaemon;

beforeAll(async () => {
  codex = await CodexDaemon.start();
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

  it("tells what the model thinks as reasoning", () =>
    codex.session(async (session) => {
      await session.run("hi @@think@@");
      expect(session.parts("reasoning")).toMatchObject([
        { text: "Let me think about this.", visibility: "public" },
      ]);
      expect(session.said()).toEqual(["The answer is 4."]);
    }));

  it("has its own usage, and the turns add up to the session's", () =>
    codex.session(async (session) => {
      for (const message of ["hi @@text@@", "and @@think@@", "more @@text@@"]) {
        await session.run(message);
      }
      const totals = session.of("turn.ended").map(({ data }) => data.metadata.usage?.total_tokens);
      expect(new Set(totals).size).toBe(1);
      const { usage } = await session.info();
      expect(usage.total_tokens).toBe(3 * (totals[0] ?? 0));
    }));

  it("waits behind the one that runs, and is no part of it", () =>
    codex.session(async (session) => {
      codex.model.script("waits", [reply([text("Starting "), hold("waits")])]);
      const first = await session.send("go @@waits@@");
      await codex.model.reached("waits");
      const second = await session.send("next @@text@@");
      expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
      codex.model.release("waits");
      expect(await session.turnEnded(first)).toMatchObject({ status: "completed" });
      expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
      const last = JSON.stringify(codex.model.requests.at(-1)?.body);
      expect(last).toContain("next @@text@@");
    }));

  it("shows the model an image itself", () =>
    codex.session(async (session, directory) => {
      const path = join(directory, "dot.png");
      await writeFile(path, Buffer.from(PIXEL_PNG, "base64"));
      await session.turnEnded(await session.send("look @@text@@", [{ path }]));
      expect(JSON.stringify(codex.model.requests.at(-1)?.body)).toContain("data:image/png;base64,");
      expect(session.parts("image")).toMatchObject([{ path }]);
    }));
});

describe("two sessions of one server", () => {
  it("work at once, each in its directory and with its own variables", async () => {
    const made = async (mark: string) =>
      codex.session(
        async (session, directory) => {
          codex.model.script(mark, [
            reply([tool("exec_command", { cmd: "echo $MARK > mark.txt", yield_time_ms: 20_000 })]),
            reply([text(`${mark} `), hold("both")]),
          ]);
          const turn = await session.send(`go @@${mark}@@`);
          await session.reply("once");
          await codex.model.reached("both", { times: 2 });
          codex.model.release("both");
          expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
          expect(session.said()).toEqual([`${mark} `]);
          expect(await readdir(directory)).toEqual(["mark.txt"]);
          expect(await readFile(join(directory, "mark.txt"), "utf8")).toBe(`${mark}\n`);
        },
        { env: { MARK: mark } },
      );
    await Promise.all([made("one"), made("two")]);
    const { agents } = (await (await fetch(`${codex.daemon.url}/v1/agents`)).json()) as {
      agents: { id: string; serverStatus?: { status: string; restartCount: number } }[];
    };
    const found = agents.find(({ id }) => id === "codex");
    expect(found?.serverStatus).toMatchObject({ status: "running", restartCount: 0 });
  });
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

it("passes on the effort that the session asks for", () =>
  codex.session(
    async (session) => {
      await session.run("hi @@text@@");
      expect(codex.model.requests.at(-1)?.body).toMatchObject({ reasoning: { effort: "high" } });
    },
    { variant: "high" },
  ));
