import type { Server } from "node:http";
import type { FastifyBaseLogger } from "fastify";

/**
 * Bounds the connections of a server. Beyond the bound a new one is closed at once. Accepting more than
 * the limit of open files allows would fail without end in Bun (1.4), which uses a whole core for it.
 */
export class Connections {
  readonly limit: number;
  #open = 0;
  /** Whether the log has the line; again only after a quarter of the connections has ended. */
  #logged = false;

  constructor(server: Server, limit: number, log: FastifyBaseLogger) {
    this.limit = limit;
    server.maxConnections = limit;
    server.on("connection", (socket) => {
      this.#open += 1;
      // An idle connection makes room before a client that has something to ask is refused.
      if (this.#open >= limit) server.closeIdleConnections();
      socket.once("close", () => {
        this.#open -= 1;
        if (this.#open < limit * 0.75) this.#logged = false;
      });
    });
    server.on("drop", () => {
      server.closeIdleConnections();
      if (!this.#logged) log.warn({ limit }, "no more connections: limit reached");
      this.#logged = true;
    });
  }

  get open(): number {
    return this.#open;
  }
}
