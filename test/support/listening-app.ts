import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { type AppOptions, type ValidatedApp, validatedApp } from "./validated-app.ts";

/** An app on a port of its own. */
export interface ListeningApp extends ValidatedApp {
  readonly url: string;
}

/** Makes an app that listens on loopback. */
export async function listeningApp(options: AppOptions = {}): Promise<ListeningApp> {
  const app = await validatedApp(options);
  const url = await app.app.listen({ host: "127.0.0.1", port: 0 });
  return { ...app, url };
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
