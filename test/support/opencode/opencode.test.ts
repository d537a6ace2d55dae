import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startModelServer } from "../model-server.ts";
import { expectNoProcesses } from "../processes.ts";
import { realAgent } from "../real-agents.ts";
import { temporaryHome } from "../sandbox.ts";
import { Opencode } from "./client.ts";
import { OPENCODE_KEY } from "./config.ts";
import { opencodeScenarios } from "./scenarios.ts";

const rules = ["bash", "edit"].map((permission) => ({ permission, pattern: "*", action: "ask" }));

/** A real `opencode serve` that talks to a scripted model, with a session that asks before it acts. */
async function start(reply = "once") {
  const { path } = await realAgent("opencode");
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const model = stack.use(await startModelServer({ scripts: opencodeScenarios }));
  stack.defer(() => expectNoProcesses(home.dir));
  const server = stack.use(await Opencode.start({ path, home, model: model.url }));
  const session = await server.createSession({ permission: rules });
  const owned = stack.move();
  return {
    home,
    model,
    server,
    session,
    turn: (text: string) => server.turn(session, text, { reply }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("the real OpenCode on the scripted model", () => {
  it("streams a text that is the scripted one, whatever it asks for a title", async () => {
    await using opencode = await start();
    await opencode.turn("go @@text@@");
    const deltas = opencode.server.transcript
      .properties("message.part.delta")
      .map(({ delta }) => delta);
    expect(deltas.join("")).toBe("Hello from the scripted model.");
    expect(opencode.model.requests).toHaveLength(1);
    expect(opencode.model.requests[0]).toMatchObject({
      headers: { "x-api-key": OPENCODE_KEY, "x-session-id": opencode.session },
      body: { model: "claude-scripted-1" },
    });
    await opencode.server.transcript.first(
      ({ payload }) =>
        payload.type === "session.updated" && JSON.stringify(payload).includes("Scripted title"),
    );
  });

  it("runs a command that the client allows and tells the model what it printed", async () => {
    await using opencode = await start();
    await opencode.turn("go @@bash@@");
    await access(join(opencode.home.work, "made.txt"));
    const [told, ...more] = opencode.model.toolResults();
    expect(told?.text).toContain("hi-from-bash");
    expect(more).toEqual([]);
  });

  it("runs no command that the client rejects, and ends the turn", async () => {
    await using opencode = await start("reject");
    await opencode.turn("go @@bash@@");
    await expect(access(join(opencode.home.work, "made.txt"))).rejects.toThrow("ENOENT");
    expect(opencode.model.requests).toHaveLength(1);
  });

  it("writes, edits, reads, overwrites and deletes a file", async () => {
    await using opencode = await start();
    await opencode.turn("go @@write@@");
    const asked = opencode.server.transcript.properties("permission.asked");
    expect(asked.map(({ permission }) => permission)).toEqual(["edit", "edit", "edit", "bash"]);
    expect(opencode.model.toolResults()[2]?.text).toContain("line 2");
    await expect(readFile(join(opencode.home.work, "hello.txt"))).rejects.toThrow("ENOENT");
  });

  it("tells of a key that the model refuses, and takes the next prompt", async () => {
    await using opencode = await start();
    await opencode.turn("go @@e401@@");
    expect(opencode.server.transcript.properties("session.error")[0]).toMatchObject({
      sessionID: opencode.session,
      error: { name: "APIError", data: { statusCode: 401, isRetryable: false } },
    });
    await opencode.turn("go @@text@@");
    const deltas = opencode.server.transcript
      .properties("message.part.delta")
      .map(({ delta }) => delta);
    expect(deltas.join("")).toBe("Hello from the scripted model.");
  });

  it("lets nobody in without the password", async () => {
    await using opencode = await start();
    const response = await fetch(`${opencode.server.url}/session`);
    expect(response.status).toBe(401);
  });
});
