import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came in. */
export interface Heard {
  line: string;
  headers: IncomingHttpHeaders;
}

/** A server that answers everything in the same way. */
export interface AnsweringServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly heard: Heard[];
}

/** Starts one; `status` 0: it never answers. */
export async function answering(
  status: number,
  headers: Record<string, string> = {},
): Promise<AnsweringServer> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    heard.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    request.resume();
    if (status !== 0) response.writeHead(status, headers).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
