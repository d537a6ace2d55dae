import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SessionInfo } from "../../src/schema/session.ts";
import type { Daemon } from "../support/daemon.ts";

/** A client of one daemon that opens many connections and does not read from them. */
export class MemoryClient implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly work: string;
  readonly #sockets: Socket[] = [];

  constructor(daemon: Daemon, work: string) {
    this.daemon = daemon;
    this.work = work;
  }

  /** Sends JSON; returns the status and the length of the answer. */
  async post(path: string, body: unknown): Promise<{ status: number; bytes: number }> {
    return await this.postText(path, JSON.stringify(body));
  }

  async postText(path: string, body: string): Promise<{ status: number; bytes: number }> {
    const answer = await fetch(this.daemon.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    let bytes = 0;
    for await (const piece of answer.body ?? []) bytes += piece.length;
    return { status: answer.status, bytes };
  }

  async create(id: string, body: object = {}): Promise<void> {
    const { status } = await this.post(`/v1/sessions/${id}`, { agent: "mock", ...body });
    if (status !== 200) throw new Error(`session ${id} was not created: ${status}`);
  }

  async delete(id: string): Promise<void> {
    await fetch(`${this.daemon.url}/v1/sessions/${id}`, { method: "DELETE" });
  }

  async info(id: string): Promise<SessionInfo> {
    return SessionInfo.parse(await (await fetch(`${this.daemon.url}/v1/sessions/${id}`)).json());
  }

  /** Sends a message and waits for the end of its turn. */
  async say(id: string, message: string): Promise<void> {
    const { status } = await this.post(`/v1/sessions/${id}/messages`, { message });
    if (status !== 204) throw new Error(`the message was answered with ${status}`);
    while ((await this.info(id)).status !== "idle") await sleep(20);
  }

  /** Opens connections that send one request each and read nothing. */
  async stall(count: number, path: (index: number) => string): Promise<void> {
    const { port } = new URL(this.daemon.url);
    for (let n = 0; n < count; n++) {
      const socket = connect(Number(port), "127.0.0.1");
      this.#sockets.push(socket);
      socket.on("error", () => {});
      socket.pause();
      await once(socket, "connect");
      socket.write(`GET ${path(n)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
  }
}
