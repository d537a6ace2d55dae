import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readSync,
  readdirSync,
  statSync,
  type Stats,
} from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { absoluteFolders } from "./absolute-folders.ts";

/** Why a program cannot be started; `code` is the system's name for it. */
export interface StartFailure {
  code: string;
  message: string;
}

/**
 * Finds a program, and reports early why it cannot be started. Only absolute entries of the path
 * count, unlike in exec. Needed before every start, because the runtimes differ: Node gives a file
 * that the kernel refuses to /bin/sh, Bun throws, and both report a missing working directory as a
 * missing program.
 */
export function findExecutable(
  file: string,
  options: { cwd: string; path: string | undefined },
): { file: string } | { failure: StartFailure } {
  if (process.platform === "win32") return { file };
  if (!isDirectory(options.cwd)) {
    return fail("ENOENT", `the working directory ${options.cwd} does not exist`);
  }
  let refused: { failure: StartFailure } | undefined;
  for (const candidate of candidates(file, options)) {
    const failure = judge(candidate);
    if (failure === undefined) return { file: candidate };
    if (failure.code !== "ENOENT") refused ??= { failure };
  }
  return refused ?? fail("ENOENT", `${file} was not found`);
}

function candidates(file: string, options: { cwd: string; path: string | undefined }): string[] {
  if (isAbsolute(file) || file.includes("/")) return [resolve(options.cwd, file)];
  return absoluteFolders(options.path ?? "/usr/bin:/bin").map((folder) => join(folder, file));
}

function judge(file: string): StartFailure | undefined {
  const stat = statOf(file);
  if (stat === undefined) return { code: "ENOENT", message: `${file} was not found` };
  if (!stat.isFile()) return { code: "EACCES", message: `${file} is not a file` };
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return { code: "EACCES", message: `${file} may not be executed` };
  }
  if (process.platform === "linux" && isForeign(file)) {
    return { code: "ENOEXEC", message: `${file} is not a program for this machine` };
  }
  return undefined;
}

/** Whether the kernel will refuse the file: no script, and no program for this processor. */
function isForeign(file: string): boolean {
  const header = readHeader(file);
  const own = readHeader("/proc/self/exe");
  if (header === undefined || own === undefined || header.subarray(0, 2).toString() === "#!") {
    return false;
  }
  const isProgram = header.length >= 20 && header.subarray(0, 4).equals(own.subarray(0, 4));
  // Bytes 4 and 5: word size and byte order; 18 and 19: the processor.
  const fits =
    isProgram &&
    header.subarray(4, 6).equals(own.subarray(4, 6)) &&
    header.subarray(18, 20).equals(own.subarray(18, 20));
  // Text without "#!" is left to the system: execvp gives it to /bin/sh.
  return !fits && (isProgram || header.includes(0)) && !hasInterpreters();
}

/** Whether the kernel was taught other formats (qemu, Rosetta, wine): then we cannot judge. */
function hasInterpreters(): boolean {
  try {
    return readdirSync("/proc/sys/fs/binfmt_misc").some(
      (name) => name !== "register" && name !== "status",
    );
  } catch {
    return false;
  }
}

function readHeader(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const header = Buffer.alloc(128);
    return header.subarray(0, readSync(descriptor, header, 0, header.length, 0));
  } catch {
    // Executable without being readable: the system has the last word.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // Missing, behind a closed folder, or no path at all: exec would not find it either.
    return undefined;
  }
}

function fail(code: string, message: string): { failure: StartFailure } {
  return { failure: { code, message } };
}
