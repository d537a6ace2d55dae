import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AMP_KEY, type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let amp: AmpDaemon;

beforeAll(async () => {
  amp = await startAmp();
});

afterAll(() => amp[Symbol.asyncDispose]());

describe("a turn", () => {
  const shared = shareSession(() => amp);

  it("is answered by items that are started, told and completed", async () => {
    const { session } = shared;
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "completed",
      stop_reason: "end_turn",
      usage: { input_tokens: 150, output_tokens: 42, cached_input_tokens: 30, total_tokens: 192 },
    });
    expect(session.events.map(({ type, synthetic }) => `${type}${synthetic ? "*" : ""}`)).toEqual([
      "session.started*",
      "turn.started*",
      "item.started*",
      "item.completed*",
      "item.started*",
      "item.delta*",
      "item.completed",
      "turn.ended*",
    ]);
    expect(session.said()).toEqual(["Hello from the scripted model."]);
    expect(await session.info()).toMatchObject({ nativeSessionId: expect.stringMatching(/^T-/) });
    // Without a model of the session, the CLI uses its own.
    expect(amp.model.requests.at(-1)?.mode).toBe("medium");
  });

  it("has the usage of all answers that it took", async () => {
    const { session } = shared;
    const turn = await session.send("go @@bashtwice@@");
    expect(await session.allowAll(turn)).toMatchObject({
      usage: { input_tokens: 600, output_tokens: 168, total_tokens: 768 },
    });
  });

  it("shows the model an image itself, and names another file", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
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
    expect(later.parts("image")).toMatchObject([{ path }]);
  });

  it("of an empty message is one, too", async () => {
    expect(await shared.session.run("")).toMatchObject({ status: "completed" });
  });

  it("outlives a connection that breaks in the middle of an answer", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    expect(await session.run("go @@cut@@")).toMatchObject({ status: "completed" });
    expect(later.said()).toEqual(["one two three four."]);
  });

  it("outlives a connection that breaks before the answer", async () => {
    const { session } = shared;
    expect(await session.run("go @@drop@@")).toMatchObject({ status: "completed" });
    expect(session.said().at(-1)).toBe("Recovered.");
  });

  it("outlives a message of the server that is none", async () => {
    const { session } = shared;
    expect(await session.run("go @@malformed@@")).toMatchObject({ status: "completed" });
  });
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

  it("that the session asks for", () =>
    amp.session(
      async (session) => {
        await session.run("hi @@text@@");
        expect(amp.model.requests.at(-1)?.mode).toBe("high");
      },
      { model: "high" },
    ));
});

it("is told to have credentials where there is a key, which is passed on", async () => {
  const { agents } = (await (await fetch(`${amp.daemon.url}/v1/agents`)).json()) as {
    agents: { id: string; credentialsAvailable: boolean }[];
  };
  expect(agents.find(({ id }) => id === "amp")).toMatchObject({ credentialsAvailable: true });
  expect(amp.model.keys).toEqual(new Set([`Bearer ${AMP_KEY}`]));
});
