import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { errorCode } from "./error-code.ts";

/** A folder in which nothing can be written, and the code of the error of an attempt. */
interface FolderTrouble {
  path: string;
  code: string;
}

/** The first folder that one of the variables names and in which nothing can be written. */
export function folderTrouble(
  env: Readonly<Record<string, string | undefined>>,
  variables: readonly string[],
): FolderTrouble | undefined {
  for (const name of variables) {
    const path = env[name];
    const code = path !== undefined && isAbsolute(path) ? troubleIn(path) : undefined;
    if (path !== undefined && code !== undefined) return { path, code };
  }
  return undefined;
}

/** Why nothing can be written to a folder, or why it cannot be created. */
function troubleIn(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      if (!statSync(folder).isDirectory()) return "ENOTDIR";
      accessSync(folder, constants.W_OK);
      // Some file systems, such as overlays of a container, do not say how large they are.
      const { blocks, bavail } = statfsSync(folder);
      return blocks > 0 && bavail === 0 ? "ENOSPC" : undefined;
    } catch (cause) {
      const code = errorCode(cause);
      if (code !== "ENOENT" || folder === dirname(folder)) return code;
    }
  }
}
