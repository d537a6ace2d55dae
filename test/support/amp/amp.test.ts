import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { realAgent } from "../real-agents.ts";
import { temporaryHome } from "../sandbox.ts";
import { AmpCli } from "./cli.ts";
import { startAmpServer } from "./server.ts";

/** A real Amp that talks to a scripted server. */
async function start() {
  const { path } = await realAgent("amp");
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryHome());
  const server = stack.use(await startAmpServer());
  const owned = stack.move();
  const open = (args: string[] = []) =>
    owned.use(new AmpCli({ command: [path], home, url: server.url, args }));
  return { home, server, open, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function isEnd({ type, message }: Record<string, unknown>): boolean {
  const stop = (message as { stop_reason?: string } | undefined)?.stop_reason;
  return type === "result" || (type === "assistant" && stop !== "tool_use");
}

it("answers a message with the scripted text, in the mode that the CLI was given", async () => {
  await using amp = await start();
  const cli = amp.open(["--mode=high"]);
  cli.say("hi @@text@@");
  expect(await cli.first(isEnd)).toMatchObject({
    message: { content: [{ type: "text", text: "Hello from the scripted model." }] },
  });
  expect(amp.server.requests).toMatchObject([{ script: "text", step: 0, mode: "high" }]);
});

it("lets the CLI run a command and is told what it printed", async () => {
  await using amp = await start();
  const cli = amp.open();
  cli.say("go @@bash@@");
  await cli.first(isEnd);
  await access(join(amp.home.work, "made.txt"));
  expect(amp.server.toolResults()).toMatchObject([
    { status: "done", text: expect.stringContaining("hi-from-bash") },
  ]);
});

it("keeps a thread for the next process", async () => {
  await using amp = await start();
  const first = amp.open();
  first.say("remember me @@text@@");
  const { session_id } = await first.first(isEnd);
  first.end();
  expect(await first.exited).toMatchObject({ code: 0 });
  const second = amp.open(["threads", "continue", String(session_id)]);
  second.say("and now @@text@@");
  expect(await second.first(isEnd)).toMatchObject({ session_id });
  const told = JSON.stringify(amp.server.requests.at(-1)?.messages);
  expect(told).toContain("remember me");
});

it("goes on when the connection breaks, and the CLI comes back for the rest", async () => {
  await using amp = await start();
  const cli = amp.open();
  cli.say("go @@cut@@");
  expect(await cli.first(isEnd)).toMatchObject({
    message: { content: [{ text: "one two three four." }] },
  });
});

it("stops what is cancelled: nothing of it comes after it", async () => {
  await using amp = await start();
  const cli = amp.open();
  cli.say("go @@hang@@");
  await amp.server.reached("hang");
  cli.kill("SIGINT");
  expect(await cli.first(isEnd)).toMatchObject({ type: "result", is_error: true });
  amp.server.release("hang");
  const next = amp.open(["threads", "continue", idOf(cli)]);
  next.say("and now @@text@@");
  await next.first(isEnd);
  expect(JSON.stringify(amp.server.requests.at(-1)?.messages)).not.toContain("Starting");
  expect(await readdir(amp.home.work)).toEqual([]);
});

function idOf({ transcript }: AmpCli): string {
  for (const { line } of transcript) {
    const id = (line as { session_id?: unknown }).session_id;
    if (typeof id === "string") return id;
  }
  throw new Error("no thread");
}
