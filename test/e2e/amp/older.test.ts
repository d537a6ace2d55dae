import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { olderAmp, type OlderAmpServer, startOlderAmpServer } from "../../support/amp/older.ts";
import { type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import { hold, httpError, reply, text, tool } from "../../support/model-script.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

// The older JavaScript CLI, found on PATH. What it cannot: images (named in the text instead), and
// usage of what it asks its model besides the conversation.
let amp: AmpDaemon;
let server: OlderAmpServer;

beforeAll(async () => {
  server = await startOlderAmpServer();
  amp = await startAmp({ path: await olderAmp(), env: { AMP_URL: server.url } });
}, 300_000);

afterAll(async () => {
  await amp[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe("a turn of the older CLI", () => {
  const shared = shareSession(() => amp);

  it("is answered, with its usage, and the next goes to the same process", async () => {
    const { session } = shared;
    expect(await session.run("hi @@text@@")).toMatchObject({
      status: "completed",
      usage: { input_tokens: 150, output_tokens: 42, total_tokens: 192 },
    });
    const before = await session.processes();
    expect(await session.run("more @@think@@")).toMatchObject({ status: "completed" });
    expect(session.said()).toEqual(["Hello from the scripted model.", "The answer is 4."]);
    expect(session.parts("reasoning")).toMatchObject([{ text: "Let me think about this." }]);
    expect(await session.processes()).toEqual(before);
  });

  it("asks for a command with the id of its call", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    const turn = await session.send("go @@bash@@");
    const asked = await session.reply("once");
    expect(asked).toMatchObject({
      action: "Bash",
      metadata: {
        command: "echo hi-from-bash && touch made.txt",
        call_id: expect.stringMatching(/^toolu_/),
        item_id: expect.stringMatching(/^itm_/),
      },
    });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(later.results()).toMatchObject([{ exit_code: 0, output: "hi-from-bash\n" }]);
    expect(await readdir(directory)).toEqual(["made.txt"]);
  });

  it("asks again for all but what is allowed always, and rejects what is rejected", async () => {
    const { session, directory } = shared;
    const turn = await session.send("go @@bashtwice@@");
    await session.reply("always");
    await session.permission();
    await session.reply("reject");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect((await readdir(directory)).toSorted()).toEqual(["made.txt", "one.txt"]);
  });

  it("tells a command that fails with its exit code", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    await session.allowAll(await session.send("go @@bashfail@@"));
    expect(later.results()).toMatchObject([{ exit_code: 3 }]);
  });

  // The CLI exits after an error and after an interrupt, so each of them costs one start.
  it("that meets an error of the model fails with its code, and the next message continues the thread", async () => {
    const { session } = shared;
    await session.run("remember me @@text@@");
    const { nativeSessionId } = await session.info();
    const errors = [
      [401, "auth"],
      [429, "rate_limit"],
      [500, "api"],
    ] as const;
    for (const [status, code] of errors) {
      server.model.script(`e${status}`, [httpError(status)]);
      expect(await session.run(`go @@e${status}@@`), code).toMatchObject({
        status: "failed",
        error: { code },
      });
      expect(await session.run("and now @@text@@"), code).toMatchObject({ status: "completed" });
      expect(await session.info(), code).toMatchObject({ nativeSessionId });
      expect(JSON.stringify(server.model.requests.at(-1)?.body), code).toContain("remember me");
    }
  });

  it("is interrupted, while it speaks and while a permission is open", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    server.model.script("endless", [reply([text("Starting "), hold("endless")])]);
    const first = await session.send("go @@endless@@");
    await server.model.reached("endless");
    await session.interrupt();
    expect(await session.turnEnded(first)).toMatchObject({ status: "interrupted" });
    const second = await session.send("go @@bash@@");
    await session.permission();
    await session.interrupt();
    expect(await session.turnEnded(second)).toMatchObject({ status: "interrupted" });
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    expect(later.of("error")).toEqual([]);
  });

  it("tells a changed file with its diff", () =>
    amp.session(
      async (session, directory) => {
        const path = join(directory, "a.txt");
        server.model.script("edit", [
          reply([tool("create_file", { path, content: "one\ntwo\n" })]),
          reply([tool("edit_file", { path, old_str: "two", new_str: "2" })]),
          reply("All done."),
        ]);
        await session.run("go @@edit@@");
        expect(session.of("permission.requested")).toEqual([]);
        expect(session.parts("file_ref")).toMatchObject([
          { path, action: "write", diff: expect.stringContaining("+two") },
          { path, action: "patch", diff: expect.stringContaining("-two\n+2") },
        ]);
      },
      { permissionMode: "acceptEdits" },
    ));
});

it("lists the modes of the older CLI that can be driven", async () => {
  const answer = await fetch(`${amp.daemon.url}/v1/agents/amp/models`);
  expect(await answer.json()).toEqual({
    models: [
      { id: "free", name: "Free" },
      { id: "smart", name: "Smart" },
    ],
    defaultModel: "smart",
  });
});
