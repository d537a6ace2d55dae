import type { Dispatcher } from "undici/index.js";
import { Bell } from "../../io/bell.ts";
import { OpencodeError } from "./error.ts";

/** The connection is read no further while so many bytes wait. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * An answer that comes in pieces. Every byte that has arrived is given before its end is told, however
 * it ends: a stream of Node's forgets what nobody has read yet when its connection breaks.
 */
export class StreamedAnswer implements Dispatcher.DispatchHandler {
  readonly #bell = new Bell();
  #waiting: Buffer[] = [];
  #bytes = 0;
  #end: { error?: Error } | undefined;
  #controller: Dispatcher.DispatchController | undefined;

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status === 200) return;
    controller.abort(new OpencodeError(status, `no stream of events (${status})`));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_WAITING_BYTES) controller.pause();
    this.#bell.ring();
  }

  onResponseEnd(): void {
    this.#end ??= {};
    this.#bell.ring();
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#end ??= { error };
    this.#bell.ring();
  }

  /** What arrives; throws why it broke off, and ends the connection where nobody reads on. */
  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const chunks = this.#waiting;
        this.#waiting = [];
        for (const chunk of chunks) {
          yield chunk;
          this.#bytes -= chunk.length;
        }
        if (this.#waiting.length > 0) continue;
        if (this.#end?.error) throw this.#end.error;
        if (this.#end) return;
        // Asked first: what is resumed may ring at once.
        const more = this.#bell.wait();
        if (this.#controller?.paused === true) this.#controller.resume();
        await more;
      }
    } finally {
      if (!this.#end) this.#controller?.abort(new Error("nobody reads on"));
    }
  }
}
