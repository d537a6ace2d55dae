import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy that writes down what it is asked for and leads all of it to one loopback port. */
export class RecordingProxy implements AsyncDisposable {
  /** Method and target, oldest first. */
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  static async start(targetPort: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy();
    proxy.#server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
      proxy.#record(incoming);
      const { method, url, headers } = incoming;
      const onward = request({ host: "127.0.0.1", port: targetPort, method, path: url, headers });
      onward.on("response", (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    });
    proxy.#server.on("connect", (incoming: IncomingMessage, socket: Socket) => {
      proxy.#record(incoming);
      const onward = connect(targetPort, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const end of [socket, onward]) {
        proxy.#sockets.add(end);
        end.on("error", () => {});
      }
    });
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #record({ method, url, headers }: IncomingMessage): void {
    this.requests.push(`${method} ${url}`);
    this.authorizations.push(headers["proxy-authorization"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
