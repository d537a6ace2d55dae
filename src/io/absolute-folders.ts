import { delimiter, isAbsolute } from "node:path";

/**
 * The absolute entries of a list of folders such as `PATH`. An empty or relative entry means the
 * working directory or a folder below it. A program must never be taken from there by its name.
 */
export function absoluteFolders(list: string): string[] {
  return list.split(delimiter).filter(isAbsolute);
}
