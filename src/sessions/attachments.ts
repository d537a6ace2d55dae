import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../io/error-code.ts";
import { createPrivateFolder, privateModes } from "../io/private-folder.ts";
import { sessionEnded } from "../schema/problem.ts";
import { storageProblem } from "./storage-problem.ts";

const MAX_NAME_LENGTH = 60;

/** What a file without a name ends in where the type's own name would not be understood. */
const EXTENSIONS = new Map([
  ["text/plain", "txt"],
  ["text/markdown", "md"],
  ["application/octet-stream", "bin"],
]);

/** An agent has removed or changed the folder: another one is made. */
const FOLDER_CHANGED = new Set(["ENOENT", "ENOTDIR", "EEXIST"]);

/** The files of a session that only exist because of it, in a temporary folder for their owner alone. */
export class SessionFiles implements AsyncDisposable {
  readonly #group: number | undefined;
  readonly #mode: number;
  /** The last one is in use. */
  readonly #folders: string[] = [];
  #isUsable = false;
  #count = 0;
  #disposed = false;

  /** The files are for this user alone, or also readable by `group`. */
  constructor(group?: number) {
    this.#group = group;
    this.#mode = privateModes(group).file;
  }

  /**
   * Writes a file; returns its absolute path. A file that cannot be written completely is removed.
   *
   * @throws ProblemError `storage_failed`
   */
  async save(data: Uint8Array, mime: string, filename?: string): Promise<string> {
    for (let isRetry = false; ; isRetry = true) {
      const path = this.#nextPath(mime, filename);
      try {
        await writeFile(path, data, { mode: this.#mode, flag: "wx" });
        await chmod(path, this.#mode);
        return path;
      } catch (cause) {
        if (errorCode(cause) !== "EEXIST") await rm(path, { force: true }).catch(() => undefined);
        this.#requireRetry(cause, isRetry, path);
      }
    }
  }

  /** Writes a file synchronously, because the event that names it is recorded now. */
  saveNow(data: Uint8Array, mime: string): string {
    for (let isRetry = false; ; isRetry = true) {
      const path = this.#nextPath(mime);
      try {
        writeFileSync(path, data, { mode: this.#mode, flag: "wx" });
        chmodSync(path, this.#mode);
        return path;
      } catch (cause) {
        if (errorCode(cause) !== "EEXIST") removeNow(path);
        this.#requireRetry(cause, isRetry, path);
      }
    }
  }

  /** Removes the folder with everything in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  #requireRetry(cause: unknown, isRetry: boolean, path: string): void {
    if (isRetry || !FOLDER_CHANGED.has(errorCode(cause) ?? "")) throw storageProblem(cause, path);
    this.#isUsable = false;
  }

  #nextPath(mime: string, filename?: string): string {
    if (this.#disposed) throw sessionEnded();
    if (!this.#isUsable) this.#folders.push(makeFolder(this.#group));
    this.#isUsable = true;
    return join(this.#folders.at(-1) ?? "", `${++this.#count}-${safeName(mime, filename)}`);
  }
}

function makeFolder(group: number | undefined): string {
  try {
    return createPrivateFolder("sandbox-agent-", { group });
  } catch (cause) {
    throw storageProblem(cause, tmpdir());
  }
}

function removeNow(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error of the write is the one to report.
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
