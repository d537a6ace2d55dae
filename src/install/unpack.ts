import { once } from "node:events";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { FILE_MODE, makeFolder, PROGRAM_MODE } from "./folder-modes.ts";

const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;

export interface UnpackOptions {
  /** An existing, empty folder. */
  folder: string;
  /** Paths without the tarball's first folder; a `/` at the end means all below it. */
  files: readonly string[];
  /** Folders among them that are skipped. */
  without?: readonly string[];
  signal: AbortSignal;
}

/**
 * Unpacks the wanted files of an npm tarball and skips the others. A tarball that names a path
 * outside itself or holds a link is refused as a whole. After a failure no file is open any more.
 */
export async function unpack(
  tarball: AsyncIterable<Uint8Array>,
  { folder, files, without = [], signal }: UnpackOptions,
): Promise<void> {
  const failed = new AbortController();
  const isWanted = (path: string) => isAmong(path, files) && !isAmong(path, without);
  const entries = new EntryWriter(folder, isWanted, failed);
  const stop = AbortSignal.any([signal, failed.signal]);
  try {
    await pipeline(tarball, createGunzip(), (chunks) => parse(chunks, entries, stop), {
      signal: stop,
    });
    await entries.finish();
  } catch (error) {
    await entries.cancel(error);
    // The first cause, not the abortion that it led to.
    signal.throwIfAborted();
    failed.signal.throwIfAborted();
    throw error;
  }
}

async function parse(chunks: AsyncIterable<Buffer>, entries: EntryWriter, signal: AbortSignal) {
  const parser = new Parser({ strict: true, onReadEntry: (entry) => entries.take(entry) });
  parser.on("error", (error: unknown) => entries.fail(error));
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_UNPACKED_BYTES) throw new Error("the tarball unpacks to too much");
    if (!parser.write(chunk)) await once(parser, "drain", { signal });
    signal.throwIfAborted();
  }
  const ended = once(parser, "end", { signal });
  parser.end();
  await ended;
}

/** Writes the wanted entries of one tarball, one after the other as the parser hands them out. */
class EntryWriter {
  readonly #folder: string;
  readonly #isWanted: (path: string) => boolean;
  readonly #failed: AbortController;
  readonly #writes: Promise<void>[] = [];
  #open: ReadEntry | undefined;

  constructor(folder: string, isWanted: (path: string) => boolean, failed: AbortController) {
    this.#folder = folder;
    this.#isWanted = isWanted;
    this.#failed = failed;
  }

  take(entry: ReadEntry): void {
    const path = entry.path.split("/").slice(1).join("/");
    if (!isHarmless(entry)) this.fail(new Error(`the tarball holds ${entry.type} ${entry.path}`));
    if (this.#failed.signal.aborted || entry.type === "Directory" || !this.#isWanted(path)) {
      entry.resume();
      return;
    }
    // An entry that is cancelled when it has been written already has nobody left to tell.
    entry.on("error", () => {});
    this.#open = entry;
    this.#writes.push(
      writeEntry(entry, join(this.#folder, path)).catch((error: unknown) => this.fail(error)),
    );
  }

  fail(error: unknown): void {
    this.#failed.abort(error);
  }

  /** Resolves when all files are closed; rejects if one could not be written. */
  async finish(): Promise<void> {
    await Promise.all(this.#writes);
    this.#failed.signal.throwIfAborted();
  }

  /** The parser hands out no more bytes: ends the entry that is still being written. */
  async cancel(reason: unknown): Promise<void> {
    this.fail(reason);
    this.#open?.destroy(reason);
    await Promise.all(this.#writes);
  }
}

function isAmong(path: string, files: readonly string[]): boolean {
  return files.some((file) => (file.endsWith("/") ? path.startsWith(file) : path === file));
}

function isHarmless({ path, type }: ReadEntry): boolean {
  const isPlain = ["File", "OldFile", "ContiguousFile", "Directory"].includes(type);
  const leaves =
    path.startsWith("/") || /^[a-z]:|\\|\0/i.test(path) || path.split("/").includes("..");
  return isPlain && !leaves;
}

async function writeEntry(entry: ReadEntry, path: string): Promise<void> {
  await makeFolder(dirname(path));
  const mode = ((entry.mode ?? 0) & 0o111) === 0 ? FILE_MODE : PROGRAM_MODE;
  await using file = await open(path, "wx", mode);
  for await (const chunk of entry) await file.writeFile(chunk);
  // The umask of whoever runs the daemon has no say in who may run the agent.
  await file.chmod(mode);
  await file.sync();
}
