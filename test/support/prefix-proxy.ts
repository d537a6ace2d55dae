import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A reverse proxy that gives a daemon what comes for a prefix, without the prefix, and nothing else. */
export class PrefixProxy implements AsyncDisposable {
  /** Of the newest request. */
  headers: IncomingHttpHeaders = {};
  /** Paths that are not below the prefix. */
  readonly strays: string[] = [];
  readonly #server: Server;
  readonly #prefix: string;

  private constructor(target: string, prefix: string) {
    this.#prefix = prefix;
    this.#server = createServer((incoming, outgoing) => {
      const { url = "", method, headers } = incoming;
      if (!url.startsWith(`${prefix}/`)) {
        this.strays.push(url);
        outgoing.writeHead(404).end();
        return;
      }
      this.headers = headers;
      const onward = request(`${target}${url.slice(prefix.length)}`, { method, headers });
      onward.on("response", (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      outgoing.on("close", () => onward.destroy());
      incoming.pipe(onward);
    });
  }

  static async start(target: string, prefix: string): Promise<PrefixProxy> {
    const proxy = new PrefixProxy(target, prefix);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#prefix}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
