import { constants } from "node:fs";
import { open } from "node:fs/promises";

// Without O_NONBLOCK, opening a named pipe blocks a thread of the pool until a writer appears.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A path that is not a regular file of at most the allowed size. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/**
 * Reads a regular file of at most `maxBytes` bytes. Use it for every path that an agent, a
 * repository or a client names.
 *
 * @throws UnreadableFile for a directory, pipe, socket or device, and for a larger file.
 * @throws the system's error (`ENOENT`, `EACCES`, ...) when the file cannot be opened.
 */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  await using file = await open(path, FLAGS);
  const found = await file.stat();
  if (!found.isFile()) throw new UnreadableFile(`${path} is not a regular file`);
  // Files of /proc report a size of 0, so the size alone does not bound the read.
  const buffer = Buffer.allocUnsafe(Math.min(found.size, maxBytes) + 1);
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const target = total < buffer.length ? buffer.subarray(total) : Buffer.allocUnsafe(65_536);
    const { bytesRead } = await file.read(target, 0, target.length, null);
    if (bytesRead === 0) break;
    total += bytesRead;
    if (total > maxBytes) throw new UnreadableFile(`${path} has more than ${maxBytes} bytes`);
    chunks.push(target.subarray(0, bytesRead));
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
