import { ReadableStream } from "node:stream/web";
import { expect, it } from "vitest";
import { type SessionHandle, SandboxAgent } from "../../src/index.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { type ListeningApp, listeningApp } from "../support/listening-app.ts";

async function openStreams(app: ListeningApp): Promise<string | undefined> {
  const { body } = await app.get("/metrics");
  return /^sandbox_agent_event_streams (\d+)$/m.exec(body)?.[1];
}

/** Reads what there is. The next read then waits. */
async function readAll(events: AsyncIterator<UniversalEvent>, last: string): Promise<void> {
  for (;;) {
    const { value, done } = await events.next();
    if (done === true || value.type === last) return;
  }
}

const waits: [string, (session: SessionHandle) => AsyncGenerator<UniversalEvent>, string][] = [
  ["an idle event stream", (session) => session.events(), "session.started"],
  [
    "a prompt that waits for a permission",
    (session) => session.prompt("permission"),
    "permission.requested",
  ],
];

it.each(waits)("%s closes its connection when its reader returns", async (_, open, last) => {
  await using app = await listeningApp();
  const client = await SandboxAgent.connect({ baseUrl: app.url });
  const events = open(await client.openSession({ agent: "mock" }, "s"));
  await readAll(events, last);
  const waiting = events.next();
  await expect.poll(() => openStreams(app)).toBe("1");
  expect(await events.return(undefined)).toMatchObject({ done: true });
  expect(await waiting).toMatchObject({ done: true });
  await expect.poll(() => openStreams(app)).toBe("0");
  expect(await events.next()).toMatchObject({ done: true });
});

it("a cancelled ReadableStream of events closes its connection", async () => {
  await using app = await listeningApp();
  const client = await SandboxAgent.connect({ baseUrl: app.url });
  await client.createSession("s", { agent: "mock" });
  const reader = ReadableStream.from(client.streamEvents("s")).getReader();
  await reader.read();
  const waiting = reader.read();
  await expect.poll(() => openStreams(app)).toBe("1");
  await reader.cancel();
  expect(await waiting).toMatchObject({ done: true });
  await expect.poll(() => openStreams(app)).toBe("0");
});

it("an error of the daemon still reaches the reader", async () => {
  await using app = await listeningApp();
  const client = await SandboxAgent.connect({ baseUrl: app.url });
  await expect(client.streamEvents("none").next()).rejects.toMatchObject({ status: 404 });
});
