import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What happens to a connection when as many bytes of its answer have come through. */
export interface Fault {
  afterBytes: number;
  /** `cut`: both ends see it break off; `stall`: nothing comes any more, and nobody is told. */
  kind: "cut" | "stall";
}

const requestLine = /^[A-Z]+ \//u;

/** A TCP proxy that spoils connections on which an event stream is read, and leaves others alone. */
export class CuttingProxy implements AsyncDisposable {
  /** Where connections are led. */
  targetPort: number;
  /** Whether every new connection is broken off at once. */
  refuses = false;
  /** How many event streams have been asked for. */
  streams = 0;
  /** How many of them `cut` has broken off. */
  cuts = 0;
  /** Count of the event streams that a fault has silenced. */
  stalls = 0;
  /** Count of the refused connections. */
  refusals = 0;
  readonly #faultOf: (stream: number) => Fault | undefined;
  readonly #server = createServer((socket) => this.#lead(socket));
  readonly #sockets = new Set<Socket>();
  /** Those on which an event stream is read. */
  readonly #streaming = new Set<Socket>();

  private constructor(targetPort: number, faultOf: (stream: number) => Fault | undefined) {
    this.targetPort = targetPort;
    this.#faultOf = faultOf;
  }

  /** `faultOf` tells by its number, from 1, what is to happen to a stream. */
  static async start(
    targetUrl: string,
    faultOf: (stream: number) => Fault | undefined = () => undefined,
  ): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(Number(new URL(targetUrl).port), faultOf);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections are open on the side of the client. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Breaks off every connection that is open. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resets one of the open event streams, wherever it is; false: there is none. */
  cut(choose: (count: number) => number): boolean {
    const socket = [...this.#streaming][Math.floor(choose(this.#streaming.size))];
    if (!socket) return false;
    this.#streaming.delete(socket);
    socket.resetAndDestroy();
    this.cuts += 1;
    return true;
  }

  #lead(socket: Socket): void {
    if (this.refuses) {
      this.refusals += 1;
      socket.destroy();
      return;
    }
    const onward = connect(this.targetPort, "127.0.0.1");
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#streaming.delete(socket);
      onward.destroy();
    });
    onward.once("close", () => socket.destroySoon());
    for (const end of [socket, onward]) end.on("error", () => {});
    let fault: Fault | undefined;
    socket.on("data", (chunk) => {
      // A connection whose stream came to its end may carry other requests, which are left alone.
      if (requestLine.test(chunk.toString("latin1", 0, 16))) {
        fault = undefined;
        this.#streaming.delete(socket);
      }
      if (chunk.includes("/events/sse")) {
        this.streams += 1;
        this.#streaming.add(socket);
        fault = this.#faultOf(this.streams);
      }
      onward.write(chunk);
    });
    onward.on("data", (chunk) => {
      if (!fault) {
        socket.write(chunk);
        return;
      }
      const passed = chunk.subarray(0, fault.afterBytes);
      fault = { ...fault, afterBytes: fault.afterBytes - passed.length };
      socket.write(passed);
      if (fault.afterBytes > 0) return;
      onward.pause();
      if (fault.kind === "cut") socket.destroySoon();
      else this.stalls += 1;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    this.#server.close();
    await once(this.#server, "close");
  }
}
