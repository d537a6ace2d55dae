import { chmodSync, writeFileSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPrivateFolder, privateModes } from "../io/private-folder.ts";
import { invalidRequest } from "../schema/problem.ts";

const MAX_NAME_LENGTH = 60;

/** What a file without a name ends in where the type's own name would not be understood. */
const EXTENSIONS = new Map([
  ["text/plain", "txt"],
  ["text/markdown", "md"],
  ["application/octet-stream", "bin"],
]);

/** The files of a session that only exist because of it, in a temporary folder for their owner alone. */
export class SessionFiles implements AsyncDisposable {
  readonly #group: number | undefined;
  readonly #mode: number;
  #folder: string | undefined;
  #count = 0;
  #disposed = false;

  /** The files are for this user alone, or also readable by `group`. */
  constructor(group?: number) {
    this.#group = group;
    this.#mode = privateModes(group).file;
  }

  /** Writes a file; returns its absolute path. */
  async save(data: Uint8Array, mime: string, filename?: string): Promise<string> {
    const path = this.#nextPath(mime, filename);
    await writeFile(path, data, { mode: this.#mode, flag: "wx" });
    await chmod(path, this.#mode);
    return path;
  }

  /** The same at once: for what an event names that is recorded now. */
  saveNow(data: Uint8Array, mime: string): string {
    const path = this.#nextPath(mime);
    writeFileSync(path, data, { mode: this.#mode, flag: "wx" });
    chmodSync(path, this.#mode);
    return path;
  }

  /** Removes the folder with everything in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  #nextPath(mime: string, filename?: string): string {
    if (this.#disposed) throw invalidRequest("session terminated");
    this.#folder ??= createPrivateFolder("sandbox-agent-", { group: this.#group });
    return join(this.#folder, `${++this.#count}-${safeName(mime, filename)}`);
  }
}

/** A file name that means nothing to a shell and cannot leave its folder. */
function safeName(mime: string, filename = ""): string {
  const [type = ""] = mime.toLowerCase().split(";");
  const extension = EXTENSIONS.get(type.trim()) ?? /\/([a-z0-9]+)/.exec(type)?.[1] ?? "bin";
  const name = filename
    .replace(/^.*[/\\]/s, "")
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, "_")
    .replace(/^\.+/, "");
  return name.slice(-MAX_NAME_LENGTH).toWellFormed() || `attachment.${extension}`;
}
