import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { OpencodeServer } from "../../../src/agents/opencode/server.ts";
import { Child } from "../../../src/io/child.ts";

const SESSION = "ses_flooded";
const delta = { type: "message.part.delta", properties: { sessionID: SESSION, delta: "Hello " } };
const frame = `data: ${JSON.stringify({ payload: delta })}\n\n`;

/** Writes events of the session for as long as a client reads the stream. */
async function flood(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  while (!response.destroyed) {
    const closed = once(response, "close");
    if (!response.write(frame.repeat(500))) {
      await Promise.race([once(response, "drain"), closed]).catch(() => undefined);
    }
    await turn();
  }
}

it("OpencodeServer emits no event of a server after it has reported the exit of that server", async () => {
  const streams: Promise<void>[] = [];
  const http = createServer((_, response) => void streams.push(flood(response)));
  await once(http.listen(0, "127.0.0.1"), "listening");
  using _http = { [Symbol.dispose]: () => void http.close() };
  const { port } = http.address() as AddressInfo;
  const children: Child[] = [];
  await using server = new OpencodeServer({
    executable: "/bin/sh",
    env: {},
    idleMs: 0,
    limits: { lastEventsMs: 1 },
    startChild: (options) => {
      const script = `echo listening on http://127.0.0.1:${port}; exec sleep 1000`;
      const child = Child.start({ ...options, args: ["-c", script] });
      children.push(child);
      return child;
    },
  });
  const heard = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  let events = 0;
  server.attach(SESSION, {
    heard: () => {
      events += 1;
      heard.resolve();
    },
    resumed: () => undefined,
    unparsed: () => undefined,
    gone: () => gone.resolve(),
  });
  await server.connect();
  await heard.promise;
  children[0]?.signal("SIGKILL");
  await gone.promise;
  const before = events;
  // The stream ends, and each chunk that had arrived takes one turn of the event loop.
  await Promise.all(streams);
  for (let n = 0; n < 200; n++) await turn();
  expect(events).toBe(before);
});
