import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";

const connections = 32;

/** Calls a daemon over a few connections that are kept, until they are dropped. */
export class Calls {
  readonly #url: string;
  #agent = kept();

  constructor(url: string) {
    this.#url = url;
  }

  /** One answer, read to its end. */
  async call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; text: string }> {
    const headers = { "content-type": "application/json" };
    const outgoing = request(this.#url + path, { method, headers, agent: this.#agent });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    const [response]: IncomingMessage[] = await once(outgoing, "response");
    if (!response) throw new Error("there was no response");
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return { status: response.statusCode ?? 0, text };
  }

  /** A stream, on a connection of its own. */
  async stream(path: string): Promise<IncomingMessage> {
    const outgoing = request(this.#url + path, { agent: false });
    outgoing.end();
    const [response]: IncomingMessage[] = await once(outgoing, "response");
    if (response?.statusCode !== 200) throw new Error(`${path}: ${response?.statusCode}`);
    return response;
  }

  /** Closes the connections that are kept; the next call opens new ones. */
  dropConnections(): void {
    this.#agent.destroy();
    this.#agent = kept();
  }
}

function kept(): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}
