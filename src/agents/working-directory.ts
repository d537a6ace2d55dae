import { stat } from "node:fs/promises";
import { directoryProblem } from "../io/directory-problem.ts";

/** The working directory of a session cannot be used. */
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
  const found = await stat(`${directory}/.`, { bigint: true }).catch((cause: unknown) => {
    throw new NoWorkingDirectory(`the working directory ${directory} ${directoryProblem(cause)}`);
  });
  return `${found.dev}:${found.ino}:${found.birthtimeNs}`;
}
