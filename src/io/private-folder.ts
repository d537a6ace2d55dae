import { chmodSync, chownSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Modes of a private folder and of the files in it. */
export interface PrivateModes {
  folder: number;
  file: number;
  program: number;
}

/**
 * The modes that fit: the owner alone, or also reading for one group. The group never writes into the
 * folder, so that its members cannot lead a write of the owner elsewhere by a link. Files that are
 * created in the folder get its group.
 */
export function privateModes(group: number | undefined): PrivateModes {
  return group === undefined
    ? { folder: 0o700, file: 0o600, program: 0o700 }
    : { folder: 0o2750, file: 0o640, program: 0o750 };
}

/** Creates a folder with a random name, in the folder of temporary files unless `parent` is given. */
export function createPrivateFolder(
  prefix: string,
  { group, parent = tmpdir() }: { group?: number | undefined; parent?: string } = {},
): string {
  const folder = mkdtempSync(join(parent, prefix));
  if (group !== undefined) {
    chownSync(folder, process.getuid?.() ?? -1, group);
    chmodSync(folder, privateModes(group).folder);
  }
  return folder;
}
