import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import type { FastifyReply } from "fastify";
import { IMAGE_HEAD_BYTES, imageTypeOf } from "../io/image-type.ts";
import { ProblemError } from "../schema/problem.ts";
import type { Session } from "../sessions/session.ts";
import { takeOver } from "./raw-reply.ts";
import type { Readers } from "./readers.ts";

const MAX_BYTES = 32 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
// Without O_NONBLOCK, opening a named pipe blocks a thread of the pool until a writer appears.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** An image in an open file, with its type and its size when it was opened. */
export class ImageFile implements AsyncDisposable {
  readonly type: string;
  readonly size: number;
  readonly #file: FileHandle;
  readonly #modifiedMs: number;

  private constructor(file: FileHandle, type: string, found: { size: number; mtimeMs: number }) {
    this.#file = file;
    this.type = type;
    this.size = found.size;
    this.#modifiedMs = found.mtimeMs;
  }

  /**
   * Opens an image that an event of the session names, by exactly that path.
   *
   * @throws ProblemError `file_not_found`
   */
  static async open({ images, settings }: Session, path: string): Promise<ImageFile> {
    if (!images.has(path)) throw notFound(path, "no event of this session names such an image");
    await using parts = new AsyncDisposableStack();
    const opened = await open(resolve(settings.directory, path), FLAGS).catch(() => undefined);
    const file = opened && parts.use(opened);
    const found = await file?.stat();
    if (!file || !found?.isFile() || found.size > MAX_BYTES) {
      throw notFound(path, "no such file of at most 32 MiB exists");
    }
    const head = await readAt(file, 0, IMAGE_HEAD_BYTES).catch(() => Buffer.alloc(0));
    const type = imageTypeOf(head);
    if (type === undefined) throw notFound(path, "it is not a PNG, JPEG, GIF or WebP image");
    parts.move();
    return new ImageFile(file, type, found);
  }

  /**
   * The content in chunks of 64 KiB.
   *
   * @throws when the file has changed since it was opened.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let position = 0; position < this.size;) {
      const chunk = await readAt(this.#file, position, Math.min(CHUNK_BYTES, this.size - position));
      if (chunk.length === 0) throw new Error("the file has become shorter");
      position += chunk.length;
      if (position === this.size) await this.#requireUnchanged();
      yield chunk;
    }
  }

  async #requireUnchanged(): Promise<void> {
    const { size, mtimeMs } = await this.#file.stat();
    if (size !== this.size || mtimeMs !== this.#modifiedMs) throw new Error("the file has changed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Answers with an image, chunk by chunk. The answer breaks off when the file changes meanwhile. */
export async function sendImage(
  reply: FastifyReply,
  image: ImageFile,
  headers: Readonly<Record<string, string>>,
  readers: Readers,
): Promise<void> {
  const described = { ...headers, "content-type": image.type, "content-length": `${image.size}` };
  const raw = takeOver(reply, described, readers);
  if (!raw) return;
  const { response, left } = raw;
  try {
    for await (const chunk of image.chunks()) {
      if (left.signal.aborted) return;
      await raw.write({ chunks: [chunk], heldBytes: () => chunk.length });
    }
    response.end();
  } catch {
    // The client must see that the image is not complete.
    response.destroy();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function notFound(path: string, why: string): ProblemError {
  return new ProblemError("file_not_found", `file not found: ${path}: ${why}`);
}
