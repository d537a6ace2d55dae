import { access, chmod, constants, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrivateFolder, privateModes } from "./private-folder.ts";

const PREFIX = ".sandbox-agent-";

/** No folder is known in which a program can be executed. */
export class NoProgramFolder extends Error {
  override readonly name = "NoProgramFolder";
}

/** A program of ours that an agent executes, in a folder of its own that goes with it. */
export interface ProgramFile extends AsyncDisposable {
  readonly path: string;
}

/** Where a program may lie, and who executes it. */
export interface ProgramPlace {
  /** The folder in which agents are installed. It is preferred, because agents run from it. */
  installDir?: string | undefined;
  /** The group of the user that executes the program, if it is not this user. */
  group?: number | undefined;
}

/**
 * Writes a program into the first folder from which programs can be executed: the folder of the
 * installed agents, then the folder of temporary files, which may be mounted with `noexec`.
 *
 * @throws NoProgramFolder
 */
export async function createProgram(
  name: string,
  text: string,
  { installDir, group }: ProgramPlace,
): Promise<ProgramFile> {
  const reasons: string[] = [];
  for (const parent of [installDir, tmpdir()]) {
    if (parent === undefined) continue;
    try {
      return await writeProgram(parent, { name, text, group });
    } catch (cause) {
      reasons.push(`${parent}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  throw new NoProgramFolder(
    `no folder is known in which a program can be executed (${reasons.join("; ")}); set TMPDIR for the daemon to a folder that is not mounted with noexec`,
  );
}

/** Reports if programs in a folder can be executed, as far as this user can write into it. */
export async function canExecuteIn(folder: string): Promise<boolean> {
  try {
    const trial = { name: "trial", text: "#!/bin/sh\n", group: undefined };
    await using _program = await writeProgram(folder, trial);
    return true;
  } catch {
    return false;
  }
}

async function writeProgram(
  parent: string,
  { name, text, group }: { name: string; text: string; group: number | undefined },
): Promise<ProgramFile> {
  const folder = createPrivateFolder(PREFIX, { group, parent });
  const program = {
    path: join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    const mode = privateModes(group).program;
    await writeFile(program.path, text, { mode });
    await chmod(program.path, mode);
    // The kernel answers EACCES for a file on a file system that is mounted with noexec.
    await access(program.path, constants.X_OK);
    return program;
  } catch (cause) {
    await program[Symbol.asyncDispose]();
    throw cause;
  }
}
