import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realAgent } from "../real-agents.ts";
import { temporaryHome } from "../sandbox.ts";
import { AppServer } from "./app-server.ts";
import type { Message } from "./app-server.ts";
import { startResponsesServer } from "./server.ts";

/** The first gets its tools as functions, the second may only write programs that call them. */
const models = ["gpt-5.5", "gpt-6.1-sol"];

// Every command asks, and none depends on what this machine allows a sandbox.
const thread = { approvalPolicy: "untrusted", sandbox: "danger-full-access" };

/** A real `codex app-server` that talks to a scripted model, with a thread that is open. */
async function start(model: string, decision = "accept") {
  const { path } = await realAgent("codex");
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const server = stack.use(await startResponsesServer());
  const answered: Message[] = [];
  const answer = (request: Message) => {
    answered.push(request);
    return { decision };
  };
  const settings = { model: JSON.stringify(model) };
  const app = stack.use(new AppServer({ path, home, baseUrl: server.url, settings, answer }));
  await app.initialize();
  const threadId = await app.startThread({ cwd: home.work, ...thread });
  const owned = stack.move();
  return {
    home,
    server,
    app,
    answered,
    turn: async (text: string) => app.turnEnd(await app.startTurn(threadId, text)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function received(app: AppServer, method: string): Record<string, unknown>[] {
  return app.transcript
    .filter(({ from, line }) => from === "server" && line.method === method)
    .map(({ line }) => line.params ?? {});
}

describe.each(models)("the real Codex on the scripted model as %s", (model) => {
  it("streams a text that is the scripted one", async () => {
    await using codex = await start(model);
    expect(await codex.turn("go @@text@@")).toMatchObject({ status: "completed" });
    const deltas = received(codex.app, "item/agentMessage/delta").map(({ delta }) => delta);
    expect(deltas.join("")).toBe("Hello from the scripted model.");
    expect(codex.server.requests).toHaveLength(1);
    expect(codex.server.requests[0]).toMatchObject({
      headers: { authorization: "Bearer sk-dummy" },
      body: { model },
    });
  });

  it("runs a command that the client allows and tells the model what it printed", async () => {
    await using codex = await start(model);
    expect(await codex.turn("go @@bash@@")).toMatchObject({ status: "completed" });
    expect(codex.answered.map(({ method }) => method)).toEqual([
      "item/commandExecution/requestApproval",
    ]);
    await access(join(codex.home.work, "made.txt"));
    const [told, ...more] = codex.server.toolOutputs();
    expect(told?.text).toContain("hi-from-bash");
    expect(more).toEqual([]);
  });

  it("runs no command that the client declines, and goes on", async () => {
    await using codex = await start(model, "decline");
    expect(await codex.turn("go @@bash@@")).toMatchObject({ status: "completed" });
    await expect(access(join(codex.home.work, "made.txt"))).rejects.toThrow("ENOENT");
    const texts = received(codex.app, "item/agentMessage/delta").map(({ delta }) => delta);
    expect(texts.join("")).toContain("All done.");
  });

  it("makes the files of a patch", async () => {
    await using codex = await start(model);
    expect(await codex.turn("go @@writetwo@@")).toMatchObject({ status: "completed" });
    expect(await readFile(join(codex.home.work, "a.txt"), "utf8")).toBe("a\n");
    expect(await readFile(join(codex.home.work, "b/b.txt"), "utf8")).toBe("b\n");
  });

  it("ends a turn whose model refuses the key as failed, and takes the next", async () => {
    await using codex = await start(model);
    expect(await codex.turn("go @@e401@@")).toMatchObject({
      status: "failed",
      error: { codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 401 } } },
    });
    expect(await codex.turn("go @@text@@")).toMatchObject({ status: "completed" });
  });
});
