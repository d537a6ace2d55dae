import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { collectAll, collectUntil, readSse } from "./sse.ts";

async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

it("reads frames however they are split, with ids, several lines and comments", async () => {
  await using server = await listen((_, response) => {
    for (const byte of Buffer.from('id: 0\ndata: "é"\n\n: ping\n\nid: 2\ndata: a\ndata: b\n\n')) {
      response.write(Buffer.of(byte));
    }
    response.end("data: unfinished");
  });
  expect(await collectAll(readSse(server.url))).toEqual([
    { id: "0", data: '"é"' },
    { comment: "ping" },
    { id: "2", data: "a\nb" },
  ]);
});

it("closes its connection when the reader has seen enough", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await listen((request, response) => {
    response.once("close", () => closed.resolve());
    response.write(`data: ${request.method} ${String(request.headers["last-event-id"])}\n\n`);
  });
  const frames = readSse(server.url, { method: "POST", body: {}, lastEventId: 7 });
  const seen = await collectUntil(frames, ({ data }) => data !== undefined);
  expect(seen).toEqual([{ data: "POST 7" }]);
  await closed.promise;
});

it("fails when the stream ends without the wanted item, or is refused", async () => {
  await using server = await listen((request, response) => {
    response.statusCode = request.url === "/refused" ? 410 : 200;
    response.end("data: 1\n\n");
  });
  await expect(collectUntil(readSse(server.url), () => false)).rejects.toThrow(
    'ended after 1 items without the one wanted: [{"data":"1"}]',
  );
  await expect(collectAll(readSse(`${server.url}/refused`))).rejects.toThrow("410");
});
