import type { Server } from "node:http";
import type { FastifyBaseLogger } from "fastify";
import type { ClientConnections, OpenFiles } from "../io/open-files.ts";
import { type Capacity, streamsOf } from "./capacity.ts";

/** Connections that agents never take away. */
const LEAST = 32;
/** The shortest time between two looks at the descriptors of the process. */
const ADAPT_MS = 1000;

/**
 * Bounds the connections of a server. Beyond the bound a new one is closed at once. Accepting more than
 * the limit of open files allows would fail without end in Bun (1.4), which uses a whole core for it.
 */
export class Connections implements ClientConnections {
  readonly #server: Server;
  readonly #capacity: Capacity;
  #limit: number;
  #open = 0;
  /** Time of the last adaptation of the limit to the free descriptors. */
  #adapted = 0;
  /** The warning is logged. It is repeated after a quarter of the connections has ended. */
  #logged = false;

  constructor(
    server: Server,
    {
      capacity,
      openFiles,
      log,
    }: { capacity: Capacity; openFiles: OpenFiles; log: FastifyBaseLogger },
  ) {
    openFiles.connections = this;
    this.#server = server;
    this.#capacity = capacity;
    this.#limit = capacity.connections;
    server.maxConnections = this.#limit;
    server.on("connection", (socket) => {
      this.#open += 1;
      // An idle connection makes room before a client that has something to ask is refused. Not at
      // once: to Bun (1.4) a connection is idle until its request has been read.
      if (this.#open >= this.#limit) setImmediate(() => server.closeIdleConnections());
      socket.once("close", () => {
        this.#open -= 1;
        if (this.#open < this.#limit * 0.75) this.#logged = false;
      });
    });
    server.on("drop", () => {
      server.closeIdleConnections();
      // Agents that have ended since the last start of one have returned their descriptors.
      if (performance.now() - this.#adapted > ADAPT_MS) openFiles.shortage();
      if (!this.#logged) log.warn({ limit: this.#limit }, "no more connections: limit reached");
      this.#logged = true;
    });
  }

  get open(): number {
    return this.#open;
  }

  get limit(): number {
    return this.#limit;
  }

  /** The number of event streams that may be open. */
  get streamLimit(): number {
    return Math.min(this.#capacity.streams, streamsOf(this.#limit));
  }

  fitInto(room: number): boolean {
    this.#adapted = performance.now();
    if (room < Math.min(this.#capacity.connections, Math.max(this.#open, LEAST))) return false;
    this.#limit = Math.min(this.#capacity.connections, room);
    this.#server.maxConnections = this.#limit;
    return true;
  }
}
