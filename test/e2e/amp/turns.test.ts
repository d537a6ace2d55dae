import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AMP_KEY, AmpDaemon } from "../../support/amp-daemon.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";

let amp: AmpDaemon;

beforeAll(async () => {
  amp = await AmpDaemon.start();
});

afterAll(() => amp[Symbol.asyncDispose]());

describe("a turn", () => {
  it("is answered by items that are started, told and completed", () =>
    amp.session(async (session) => {
      expect(await session.run("hi @@text@@")).toMatchObject({
        status: "completed",
        stop_reason: "end_turn",
        usage: { input_tokens: 150, output_tokens: 42, cached_input_tokens: 30, total_tokens: 192 },
      });
      expect(session.events.map(({ type, synthetic }) => `${type}${synthetic ? "*" : ""}`)).toEqual(
        [
          "session.started*",
          "turn.started*",
          "item.started*",
          "item.completed*",
          "item.started*",
          "item.delta*",
          "item.completed",
          "turn.ended*",
        ],
      );
      expect(session.said()).toEqual(["Hello from the scripted model."]);
      expect(await session.info()).toMatchObject({ nativeSessionId: expect.stringMatching(/^T-/) });
    }));

  it("tells what the model thinks as reasoning", () =>
    amp.session(async (session) => {
      await session.run("hi @@think@@");
      expect(session.parts("reasoning")).toMatchObject([
        { text: "Let me think about this.", visibility: "public" },
      ]);
      expect(session.said()).toEqual(["The answer is 4."]);
    }));

  it("tells each block as an item of its own", () =>
    amp.session(async (session) => {
      await session.run("hi @@blocks@@");
      expect(session.said()).toEqual(["First block.", "Second block."]);
    }));

  it("costs no start of a process after the first, and usage adds up", () =>
    amp.session(async (session) => {
      await session.run("hi @@text@@");
      const before = await session.processes();
      for (const message of ["and @@think@@", "more @@text@@"]) await session.run(message);
      expect(await session.processes()).toEqual(before);
      expect(before).toHaveLength(1);
      const { usage } = await session.info();
      expect(usage).toMatchObject({ input_tokens: 450, output_tokens: 126, total_tokens: 576 });
    }));

  it("has the usage of all answers that it took", () =>
    amp.session(
      async (session) => {
        expect(await session.run("go @@bashtwice@@")).toMatchObject({
          usage: { input_tokens: 600, output_tokens: 168, total_tokens: 768 },
        });
      },
      { permissionMode: "bypass" },
    ));

  it("waits behind the one that runs, and is no part of it", () =>
    amp.session(async (session) => {
      amp.model.script("waits", [reply([text("Starting "), hold("waits")])]);
      const first = await session.send("go @@waits@@");
      await amp.model.reached("waits");
      const second = await session.send("next @@text@@");
      expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
      amp.model.release("waits");
      expect(await session.turnEnded(first)).toMatchObject({ status: "completed" });
      expect(await session.turnEnded(second)).toMatchObject({ status: "completed" });
      expect(session.said()).toEqual(["Starting ", "Hello from the scripted model."]);
    }));

  it("shows the model an image itself, and names another file", () =>
    amp.session(async (session, directory) => {
      const path = join(directory, "dot.png");
      const other = join(directory, "notes.txt");
      await writeFile(path, Buffer.from(PIXEL_PNG, "base64"));
      await writeFile(other, "notes");
      const files = [{ path }, { path: other }];
      await session.turnEnded(await session.send("look @@text@@", files));
      const told = amp.model.requests.at(-1)?.messages.at(-1)?.content;
      expect(told).toMatchObject([
        { type: "text", text: expect.stringContaining(other) },
        { type: "image", source: { type: "base64", mediaType: "image/png", data: PIXEL_PNG } },
      ]);
      expect(session.parts("image")).toMatchObject([{ path }]);
    }));

  it("of an empty message is one, too", () =>
    amp.session(async (session) => {
      expect(await session.run("")).toMatchObject({ status: "completed" });
    }));

  it("outlives a connection that breaks in the middle of an answer", () =>
    amp.session(async (session) => {
      expect(await session.run("go @@cut@@")).toMatchObject({ status: "completed" });
      expect(session.said()).toEqual(["one two three four."]);
    }));

  it("outlives a connection that breaks before the answer", () =>
    amp.session(async (session) => {
      await session.run("hi @@text@@");
      expect(await session.run("go @@drop@@")).toMatchObject({ status: "completed" });
      expect(session.said().at(-1)).toBe("Recovered.");
    }));

  it("outlives a message of the server that is none", () =>
    amp.session(async (session) => {
      expect(await session.run("go @@malformed@@")).toMatchObject({ status: "completed" });
    }));
});

it("two sessions work at once, each in its directory and with its own variables", async () => {
  const made = async (mark: string) =>
    amp.session(
      async (session, directory) => {
        amp.model.script(mark, [
          reply([tool("shell_command", { command: "echo $MARK > mark.txt" })]),
          reply([text(`${mark} `), hold("both")]),
        ]);
        const turn = await session.send(`go @@${mark}@@`);
        await session.reply("once");
        await amp.model.reached("both", { times: 2 });
        amp.model.release("both");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.said()).toEqual([`${mark} `]);
        expect(await readdir(directory)).toEqual(["mark.txt"]);
        expect(await readFile(join(directory, "mark.txt"), "utf8")).toBe(`${mark}\n`);
      },
      { env: { MARK: mark } },
    );
  await Promise.all([made("one"), made("two")]);
});

describe("a model is a mode of Amp", () => {
  it("of those that the CLI takes", async () => {
    const answer = await fetch(`${amp.daemon.url}/v1/agents/amp/models`);
    expect(await answer.json()).toEqual({
      models: [
        { id: "low", name: "Low" },
        { id: "medium", name: "Medium" },
        { id: "high", name: "High" },
        { id: "ultra", name: "Ultra" },
      ],
      defaultModel: "medium",
    });
  });

  it("that the session asks for, else the CLI's own", async () => {
    const asked = async (model?: string) => {
      await amp.session(
        async (session) => {
          await session.run("hi @@text@@");
        },
        model === undefined ? {} : { model },
      );
      return amp.model.requests.at(-1)?.mode;
    };
    expect(await asked("high")).toBe("high");
    expect(await asked()).toBe("medium");
  });
});

it("is told to have credentials where there is a key, which is passed on", async () => {
  const { agents } = (await (await fetch(`${amp.daemon.url}/v1/agents`)).json()) as {
    agents: { id: string; credentialsAvailable: boolean }[];
  };
  expect(agents.find(({ id }) => id === "amp")).toMatchObject({ credentialsAvailable: true });
  expect(amp.model.keys).toEqual(new Set([`Bearer ${AMP_KEY}`]));
});
