import { resolve } from "node:path";
import { readBounded } from "../io/read-bounded.ts";
import { ProblemError } from "../schema/problem.ts";
import type { Session } from "../sessions/session.ts";

const MAX_BYTES = 32 * 1024 * 1024;

/** What an image is told by: a browser would run what is in some of the others (SVG). */
const KINDS: readonly [type: string, begins: (head: string) => boolean][] = [
  ["image/png", (head) => head.startsWith("\x89PNG\r\n\x1A\n")],
  ["image/jpeg", (head) => head.startsWith("\xFF\xD8\xFF")],
  ["image/gif", (head) => head.startsWith("GIF87a") || head.startsWith("GIF89a")],
  ["image/webp", (head) => head.startsWith("RIFF") && head.startsWith("WEBP", 8)],
];

/** The types of the images that are handed out. */
export const imageTypes = KINDS.map(([type]) => type);

/** An image, and of which type it is. */
export interface ImageFile {
  type: string;
  bytes: Buffer;
}

/** Reads an image that an event of the session names, by the path that stands there. */
export async function readImage({ images, settings }: Session, path: string): Promise<ImageFile> {
  if (!images.has(path)) throw notFound(path, "no event of this session names such an image");
  const file = resolve(settings.directory, path);
  const bytes = await readBounded(file, MAX_BYTES).catch(() => undefined);
  if (!bytes) throw notFound(path, "there is no such file any more, or it has more than 32 MiB");
  const head = bytes.toString("latin1", 0, 16);
  const [type] = KINDS.find(([, begins]) => begins(head)) ?? [];
  if (type === undefined) throw notFound(path, "it is no PNG, JPEG, GIF or WebP");
  return { type, bytes };
}

function notFound(path: string, why: string): ProblemError {
  return new ProblemError("file_not_found", `file not found: ${path}: ${why}`);
}
