import { gzipSync } from "node:zlib";
import { Header } from "tar";

/** One entry of a tarball, well-meant or not. */
export interface TarballEntry {
  path: string;
  content?: string | Buffer;
  mode?: number;
  type?: "File" | "Directory" | "SymbolicLink" | "Link" | "CharacterDevice";
  linkpath?: string;
}

/** Packs entries as they are given, also those that `npm pack` would never make. */
export function makeTarball(entries: readonly TarballEntry[]): Buffer {
  const blocks = entries.flatMap(
    ({ path, content = "", mode = 0o644, type = "File", linkpath }) => {
      const body = Buffer.from(content);
      const header = Buffer.alloc(512);
      new Header({ path, mode, type, size: body.length, ...(linkpath && { linkpath }) }).encode(
        header,
      );
      return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
    },
  );
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
