import { stat } from "node:fs/promises";

/** The working directory of a session does not exist. */
export class NoWorkingDirectory extends Error {
  override readonly name = "NoWorkingDirectory";
}

/**
 * The identity of a directory. It differs from the identity of a directory that had the same path
 * and was removed.
 *
 * @throws NoWorkingDirectory
 */
export async function identifyDirectory(directory: string): Promise<string> {
  const found = await stat(directory, { bigint: true }).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new NoWorkingDirectory(
      `the working directory ${directory} does not exist; create it again`,
    );
  }
  return `${found.dev}:${found.ino}:${found.birthtimeNs}`;
}
