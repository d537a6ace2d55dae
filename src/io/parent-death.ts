import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { absoluteFolders } from "./absolute-folders.ts";
import type { Exit } from "./child.ts";
import { ownerPrefix } from "./owner.ts";

/** A program and its arguments. */
export interface Command {
  file: string;
  args: readonly string[];
}

const SETPRIV_ARGS = ["--pdeathsig", "KILL", "--"];
const QUIT_TIMEOUT_MS = 1000;

/** Sees to it that a daemon's children die with it, even when the daemon is killed. */
export class ParentDeath implements AsyncDisposable {
  readonly #findSetpriv: () => string | undefined;
  readonly #guardian: Command | undefined;
  readonly #greeting: string;
  readonly #watched = new Set<number>();
  #process: ChildProcess | undefined;
  #disposed = false;
  /** Where it is, once it has been looked for. */
  #found: { setpriv: string | undefined } | undefined;

  private constructor(parts: {
    findSetpriv: () => string | undefined;
    guardian: Command | undefined;
    owner: string;
  }) {
    this.#findSetpriv = parts.findSetpriv;
    this.#guardian = parts.guardian;
    this.#greeting = `owner ${parts.owner}\n`;
  }

  /**
   * Prefers `setpriv --pdeathsig`, which needs no process of its own; else a guardian, which
   * `guardian` tells how to start. `use` forces one of them.
   */
  static async create(options: {
    path: string | undefined;
    guardian?: Command;
    use?: "setpriv" | "guardian";
  }): Promise<ParentDeath> {
    const { path, use } = options;
    return new ParentDeath({
      findSetpriv: () => (use === "guardian" ? undefined : findSetpriv(path)),
      guardian: use === "setpriv" ? undefined : options.guardian,
      owner: await ownerPrefix(),
    });
  }

  /** `none`: the children of a killed daemon live on until the next start sweeps them. */
  get kind(): "setpriv" | "guardian" | "none" {
    if (this.#setpriv() !== undefined) return "setpriv";
    return this.#guardian === undefined ? "none" : "guardian";
  }

  /** The command that starts this one so that it dies with us; same pid, same streams. */
  wrap(command: Command): Command {
    // The kernel sends the signal when the *thread* that forked ends: start children from the main one.
    const setpriv = this.#setpriv();
    if (setpriv === undefined) return command;
    return { file: setpriv, args: [...SETPRIV_ARGS, command.file, ...command.args] };
  }

  /** Tells from a wrapped child's exit and its first stderr line that the program could not start. */
  startFailure(exit: Exit, stderrHead: string): Exit["error"] {
    if (this.#setpriv() === undefined || !stderrHead.startsWith("setpriv: ")) return undefined;
    if (exit.code !== 126 && exit.code !== 127) return undefined;
    return {
      code: exit.code === 127 ? "ENOENT" : "EACCES",
      message: stderrHead.slice("setpriv: ".length),
    };
  }

  /** This child has started. */
  watch(pid: number): void {
    if (this.kind !== "guardian" || this.#disposed) return;
    this.#watched.add(pid);
    if (this.#process === undefined) this.#startGuardian();
    else this.#tell(`+${pid}\n`);
  }

  /** This child is gone, its pid may become another's. */
  unwatch(pid: number): void {
    if (this.#watched.delete(pid)) this.#tell(`-${pid}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const guardian = this.#process;
    if (guardian === undefined || guardian.exitCode !== null) return;
    const signal = AbortSignal.timeout(QUIT_TIMEOUT_MS);
    const exited = once(guardian, "exit", { signal });
    guardian.stdin?.end("quit\n");
    await exited.catch(() => guardian.kill("SIGKILL"));
  }

  /** Looked for when the first child starts: a daemon that has none yet is to be there soon. */
  #setpriv(): string | undefined {
    this.#found ??= { setpriv: this.#findSetpriv() };
    return this.#found.setpriv;
  }

  #startGuardian(): void {
    const command = this.#guardian;
    if (command === undefined) return;
    const guardian = spawn(command.file, command.args, {
      // Its own session: what ends ours (a terminal's Ctrl-C) must not end it before us.
      detached: true,
      cwd: "/",
      env: {},
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#process = guardian;
    const forget = (): void => {
      // The next child starts another one.
      if (this.#process === guardian) this.#process = undefined;
    };
    guardian.once("error", forget).once("exit", forget);
    // The pipe's end is told by the exit.
    guardian.stdin?.on("error", () => {});
    guardian.unref();
    this.#tell(this.#greeting + [...this.#watched].map((pid) => `+${pid}\n`).join(""));
  }

  #tell(lines: string): void {
    this.#process?.stdin?.write(lines);
  }
}

/** Waits for it: a child can only be started once it is known. Takes a few milliseconds. */
function findSetpriv(path: string | undefined): string | undefined {
  if (process.platform !== "linux") return undefined;
  return absoluteFolders(path ?? "/usr/bin:/bin")
    .map((folder) => join(folder, "setpriv"))
    .find((setpriv) => {
      // Busybox has a setpriv without this option: only one that runs with it will do.
      const args = [...SETPRIV_ARGS, setpriv, "--version"];
      return (
        spawnSync(setpriv, args, { cwd: "/", env: {}, timeout: 5000, stdio: "ignore" }).status === 0
      );
    });
}
