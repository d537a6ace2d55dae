import type { SessionFiles } from "./attachments.ts";

/** How many are known; of more, those that were named first are forgotten. */
const MOST = 10_000;

/** The images that a session's events name: of all files they alone can be asked for. */
export class SessionImages {
  readonly #files: Pick<SessionFiles, "saveNow">;
  readonly #paths = new Set<string>();

  constructor(files: Pick<SessionFiles, "saveNow">) {
    this.#files = files;
  }

  /** Writes an image that an event is to name, and gives its path. */
  save(data: Uint8Array, mime: string): string {
    const path = this.#files.saveNow(data, mime);
    this.add(path);
    return path;
  }

  /** An event names the image of this path. */
  add(path: string): void {
    this.#paths.delete(path);
    this.#paths.add(path);
    const [oldest] = this.#paths;
    if (this.#paths.size > MOST && oldest !== undefined) this.#paths.delete(oldest);
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }
}
