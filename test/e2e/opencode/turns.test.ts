import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hold, reply, text, tool } from "../../support/model-script.ts";
import { OpencodeDaemon } from "../../support/opencode-daemon.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";

let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await OpencodeDaemon.start();
});

afterAll(() => opencode[Symbol.asyncDispose]());

describe("a turn", () => {
  it("is answered in deltas, and ends once", () =>
    opencode.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "completed",
        stop_reason: "end_turn",
        usage: { output_tokens: 42, cost_usd: expect.any(Number) },
      });
      expect(session.said()).toEqual(["Hello from the scripted model."]);
      expect(session.of("item.delta").length).toBeGreaterThan(1);
      expect(session.of("turn.ended")).toHaveLength(1);
    }));

  it("tells what the model thinks as reasoning", () =>
    opencode.session(async (session) => {
      await session.run("hi @@think@@");
      expect(session.parts("reasoning")).toMatchObject([{ text: "Let me think about this." }]);
      expect(session.said()).toEqual(["The answer is 4."]);
    }));

  it("has its own usage, and the turns add up to the session's", () =>
    opencode.session(async (session) => {
      for (const message of ["hi @@text@@", "and @@think@@", "more @@text@@"]) {
        await session.run(message);
      }
      const totals = session.of("turn.ended").map(({ data }) => data.metadata.usage?.total_tokens);
      expect(new Set(totals).size).toBe(1);
      expect((await session.info()).usage.total_tokens).toBe(3 * (totals[0] ?? 0));
    }));

  it("waits behind the one that runs, and is no part of it", () =>
    opencode.session(async (session) => {
      opencode.model.script("waits", [reply([text("Starting "), hold("waits")])]);
      const first = await session.send("go @@waits@@");
      await opencode.model.reached("waits");
      const second = await session.send("next @@text@@");
      expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
      opencode.model.release("waits");
      expect(await session.turnEnded(first)).toMatchObject({ status: "completed" });
      expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
    }));

  it("shows the model an image itself", () =>
    opencode.session(async (session, directory) => {
      const path = join(directory, "dot.png");
      await writeFile(path, Buffer.from(PIXEL_PNG, "base64"));
      await session.turnEnded(await session.send("look @@text@@", [{ path }]));
      expect(JSON.stringify(opencode.model.requests.at(-1)?.body)).toContain(PIXEL_PNG);
      expect(session.parts("image")).toMatchObject([{ path }]);
    }));
});

it("two sessions work at once, each in its directory", async () => {
  const made = (mark: string) =>
    opencode.session(async (session, directory) => {
      opencode.model.script(mark, [
        reply([tool("bash", { command: `echo ${mark} > mark.txt`, description: "Mark" })]),
        reply([text(`${mark} `), hold("both")]),
      ]);
      const turn = await session.send(`go @@${mark}@@`);
      await session.reply("once");
      await opencode.model.reached("both", { times: 2 });
      opencode.model.release("both");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.said()).toEqual([`${mark} `]);
      expect(await readFile(join(directory, "mark.txt"), "utf8")).toBe(`${mark}\n`);
    });
  await Promise.all([made("one"), made("two")]);
});

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

it("uses the model that the session asks for", () =>
  opencode.session(
    async (session) => {
      await session.run("hi @@text@@");
      const models = opencode.model.requests.slice(-2).map(({ body }) => body.model);
      expect(models).toContain("claude-scripted-2");
    },
    { model: "anthropic/claude-scripted-2" },
  ));

describe("the creation of a session", () => {
  const create = async (daemon: OpencodeDaemon, body: object) => {
    const directory = join(daemon.home.work, "fresh");
    await mkdir(directory, { recursive: true });
    const answer = await fetch(`${daemon.daemon.url}/v1/sessions/fresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ agent: "opencode", directory, ...body }),
    });
    return { status: answer.status, problem: (await answer.json()) as { detail?: string } };
  };

  it("is refused with variables of its own, which a shared server cannot have", async () => {
    const { status, problem } = await create(opencode, { env: { A: "1" } });
    expect(status).toBe(400);
    expect(problem.detail).toContain("env is not supported for opencode");
  });

  it("is refused with the cure where no provider is configured, whatever OpenCode would take", async () => {
    await using bare = await OpencodeDaemon.start({ provider: false });
    const { status, problem } = await create(bare, {});
    expect(status).toBe(502);
    expect(problem.detail).toContain("set ANTHROPIC_API_KEY or OPENAI_API_KEY");
    expect(await readdir(join(bare.home.work, "fresh"))).toEqual([]);
  });
});
