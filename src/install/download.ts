import { createHash } from "node:crypto";
import ssri from "ssri";
import type { Registry } from "./registry.ts";
import type { Release } from "./release.ts";

const MAX_TARBALL_BYTES = 2 * 1024 ** 3;

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
  const { body, contentLength } = await registry.openTarball(name, release.tarball, signal);
  onStart(contentLength);
  const hash = createHash("sha512");
  let received = 0;
  for await (const chunk of body) {
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
