import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** The number of bytes at the start of a file that decide its type. */
export const IMAGE_HEAD_BYTES = 16;
// Without O_NONBLOCK, opening a named pipe blocks a thread of the pool until a writer appears.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The first bytes of each type. Some other types (SVG) contain code that a browser would run. */
const KINDS: readonly [type: string, begins: (head: string) => boolean][] = [
  ["image/png", (head) => head.startsWith("\x89PNG\r\n\x1A\n")],
  ["image/jpeg", (head) => head.startsWith("\xFF\xD8\xFF")],
  ["image/gif", (head) => head.startsWith("GIF87a") || head.startsWith("GIF89a")],
  ["image/webp", (head) => head.startsWith("RIFF") && head.startsWith("WEBP", 8)],
];

/** The types of the images that models take and that the daemon serves. */
export const imageTypes = KINDS.map(([type]) => type);

/** The type of an image by its first bytes; undefined for other content. */
export function imageTypeOf(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, IMAGE_HEAD_BYTES)).toString("latin1");
  return KINDS.find(([, begins]) => begins(text))?.[0];
}

/** The type of an image file; undefined for other content and for a file that cannot be read. */
export async function readImageType(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, FLAGS);
    if (!(await file.stat()).isFile()) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(IMAGE_HEAD_BYTES));
    return imageTypeOf(buffer.subarray(0, bytesRead));
  } catch {
    return undefined;
  }
}
