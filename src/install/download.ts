import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import ssri from "ssri";
import type { HttpAnswer } from "./http.ts";
import type { Registry } from "./registry.ts";
import type { Release } from "./release.ts";

const MAX_TARBALL_BYTES = 2 * 1024 ** 3;
/** So often in a row a download that broke off is resumed without one more byte. */
const MAX_FRUITLESS = 2;
const PAUSE_MS = 500;

export interface DownloadOptions {
  onStart: (totalBytes: number | undefined) => void;
  onBytes: (receivedBytes: number) => void;
  /** All bytes are here, not yet compared with the promised digest. */
  onReceived: () => void;
  onVerified: () => void;
  signal: AbortSignal;
}

/** The bytes of a release's tarball; after the last one it throws if they are not the promised ones. */
export async function* download(
  registry: Registry,
  release: Release,
  { onStart, onBytes, onReceived, onVerified, signal }: DownloadOptions,
): AsyncGenerator<Uint8Array> {
  const { name } = release.package;
  const open = (from: number) => registry.openTarball(name, release.tarball, { from, signal });
  const first = await open(0);
  onStart(first.contentLength);
  const hash = createHash("sha512");
  let received = 0;
  for await (const chunk of readOn(first, open, signal)) {
    received += chunk.length;
    if (received > MAX_TARBALL_BYTES) throw new Error(`the tarball of ${name} is too large`);
    hash.update(chunk);
    onBytes(received);
    yield chunk;
  }
  onReceived();
  const actual = ssri.fromHex(hash.digest("hex"), "sha512");
  if (!ssri.parse(release.integrity).match(actual)) {
    throw new Error(
      `the tarball of ${name} does not have the sha512 that the registry promises for it`,
    );
  }
  onVerified();
}

/** The bytes of one file; where the connection breaks off they are read on over a new one. */
async function* readOn(
  first: HttpAnswer,
  open: (from: number) => Promise<HttpAnswer>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let answer: HttpAnswer | undefined = first;
  let received = 0;
  for (let fruitless = 0; ; fruitless += 1) {
    try {
      answer ??= await open(received);
      for await (const chunk of skip(answer.body, Math.max(0, received - answer.start))) {
        received += chunk.length;
        fruitless = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (fruitless === MAX_FRUITLESS) throw error;
      answer = undefined;
      await sleep(PAUSE_MS * 2 ** fruitless, undefined, { signal });
    }
  }
}

/** Without the first bytes: a registry that knows no ranges begins again at the first one. */
async function* skip(body: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of body) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
