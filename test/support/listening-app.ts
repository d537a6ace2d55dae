import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { type AppOptions, type ValidatedApp, validatedApp } from "./validated-app.ts";

/** An app on a port of its own. */
export interface ListeningApp extends ValidatedApp {
  readonly url: string;
}

/** Makes an app that listens on loopback. */
export async function listeningApp(options: AppOptions = {}): Promise<ListeningApp> {
  const app = await validatedApp(options);
  closeUnused(app.app);
  const url = await app.app.listen({ host: "127.0.0.1", port: 0 });
  return { ...app, url };
}

/**
 * Makes `close` end connections without a request, such as that of a `fetch` that was aborted before it
 * was sent. Node does not count them as idle and would wait for them.
 */
function closeUnused(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  app.server.on("request", ({ socket }: IncomingMessage) => unused.delete(socket));
  app.addHook("preClose", async () => {
    app.server.on("connection", (socket: Socket) => socket.destroy());
    for (const socket of unused) socket.destroy();
  });
}

/** A response of which nothing is read unless it is asked for: a reader that stalls. */
export async function openResponse(
  url: string,
  headers: Record<string, string> = {},
): Promise<IncomingMessage> {
  const outgoing = request(url, { headers, agent: false });
  outgoing.end();
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (!response) throw new Error("there was no response");
  // A connection that breaks off is what some tests are about.
  response.on("error", () => {});
  return response;
}

/** What is left of a response, whether it ends or breaks off. */
export async function readRest(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch {
    // `complete` tells.
  }
  return Buffer.concat(chunks).toString();
}
