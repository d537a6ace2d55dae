import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { defaultInstallDir } from "../install/find-executable.ts";
import { findProcess, isDead, type ProcessEntry } from "../io/process-table.ts";

/** What is kept on disk of the server in the background that listens on an address. */
export class DaemonFiles {
  readonly log: string;
  readonly #pid: string;
  readonly #version: string;

  constructor(host: string, port: number, env: Record<string, string | undefined>) {
    const os =
      process.platform === "darwin" || process.platform === "win32" ? process.platform : "linux";
    const data = dirname(defaultInstallDir(os, env, env["HOME"] ?? homedir()));
    const name = `daemon-${host.replaceAll(/[^A-Za-z0-9]/g, "-")}-${port}`;
    const path = join(data, "daemon", name);
    this.log = `${path}.log`;
    this.#pid = `${path}.pid`;
    this.#version = `${path}.version`;
  }

  async createFolder(): Promise<void> {
    await mkdir(dirname(this.log), { recursive: true, mode: 0o700 });
  }

  async write({ pid, startTime }: ProcessEntry, version: string): Promise<void> {
    await writeOwn(this.#version, `${version}\n`);
    await writeOwn(this.#pid, `${pid}\n${startTime}\n`);
  }

  /** The process that was written down, if it is that one still and not another with its pid. */
  async findProcess(): Promise<ProcessEntry | undefined> {
    const [pid = "", startTime] = (await read(this.#pid)).split("\n");
    if (!/^\d+$/.test(pid)) return undefined;
    const entry = await findProcess(Number(pid));
    return entry && entry.startTime === startTime && !isDead(entry) ? entry : undefined;
  }

  async readVersion(): Promise<string> {
    return (await read(this.#version)).trim();
  }

  /** Forgets the process; the log stays. */
  async remove(): Promise<void> {
    await Promise.all([this.#pid, this.#version].map((path) => rm(path, { force: true })));
  }
}

/** Writes a file for this user alone, whatever the umask and the file's former mode are. */
async function writeOwn(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600 });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Not there: nothing was written down.
    return "";
  }
}
