import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between a client and a daemon on this machine, and can cut the streams that it sends. */
export class CuttingProxy implements AsyncDisposable {
  readonly port: number;
  /** How many connections it has cut. */
  cuts = 0;
  readonly #open = new Set<Socket>();
  readonly #streams = new Set<Socket>();
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.port = port;
    this.#stop = stop;
  }

  static async to(port: number): Promise<CuttingProxy> {
    const server = createServer((incoming) => proxy.#join(incoming, port));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const own = (server.address() as AddressInfo).port;
    const proxy = new CuttingProxy(own, async () => {
      server.close();
      await once(server, "close");
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resets a connection over which events are streamed, wherever it is; false: there is none. */
  cut(choose: (count: number) => number): boolean {
    const streams = [...this.#streams];
    const socket = streams[Math.floor(choose(streams.length))];
    if (!socket) return false;
    this.#streams.delete(socket);
    socket.resetAndDestroy();
    this.cuts += 1;
    return true;
  }

  #join(incoming: Socket, port: number): void {
    const outgoing = connect(port, "127.0.0.1");
    this.#open.add(incoming);
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
    incoming.on("data", (request: Buffer) => {
      if (request.includes("/events/sse?")) this.#streams.add(incoming);
    });
    incoming.on("close", () => {
      this.#open.delete(incoming);
      this.#streams.delete(incoming);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await this.#stop();
  }
}
