import { stat } from "node:fs/promises";
import { readBounded } from "../io/read-bounded.ts";

/** A file of keys has a few lines, and Claude Code's state a few megabytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What is made of the text of files, made again only when they have changed. */
export class ChangedFiles<T> {
  readonly #make: (text: string) => Promise<T>;
  readonly #known = new Map<string, { stamp: string; made: T | undefined }>();

  /** What `make` rejects is as good as not there. */
  constructor(make: (text: string) => Promise<T>) {
    this.#make = make;
  }

  /** Undefined where there is no such file, or nothing can be made of it. */
  async read(path: string): Promise<T | undefined> {
    try {
      const { mtimeMs, ctimeMs, size, ino, isFile } = await lookAt(path);
      if (!isFile || size > MAX_BYTES) return undefined;
      const stamp = [mtimeMs, ctimeMs, size, ino].join(" ");
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.made;
      const made = await this.#attempt((await readBounded(path, MAX_BYTES)).toString());
      this.#known.set(path, { stamp, made });
      return made;
    } catch {
      // Missing, or not for us to read.
      return undefined;
    }
  }

  async #attempt(text: string): Promise<T | undefined> {
    try {
      return await this.#make(text);
    } catch {
      return undefined;
    }
  }
}

async function lookAt(path: string) {
  const found = await stat(path);
  const { mtimeMs, ctimeMs, size, ino } = found;
  return { mtimeMs, ctimeMs, size, ino, isFile: found.isFile() };
}
