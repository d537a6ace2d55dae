import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  #folder: Promise<string> | undefined;
  #count = 0;
  #disposed = false;

  /** Writes a file; returns its absolute path. */
  async save(data: Uint8Array, mime: string, filename?: string): Promise<string> {
    if (this.#disposed) throw invalidRequest("session terminated");
    this.#folder ??= mkdtemp(join(tmpdir(), "sandbox-agent-"));
    const name = `${++this.#count}-${safeName(mime, filename)}`;
    const path = join(await this.#folder, name);
    await writeFile(path, data, { mode: 0o600, flag: "wx" });
    return path;
  }

  /** Removes the folder with everything in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
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
