import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compileCacheEnv } from "./program.ts";

const program = join(import.meta.dirname, "../fixtures/bin/persist.ts");

/** What a consumer follows, where it stores it, and who is told when it has stored something. */
interface Following {
  daemonUrl: string;
  sessionId: string;
  store: string;
  onStored?: () => void;
}

/** A process that follows a session into a store. */
export class Consumer implements AsyncDisposable {
  /** Resolves when it has stored an event, or has ended. */
  readonly stores: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #exit: Promise<[number | null, NodeJS.Signals | null]>;
  #stderr = "";

  constructor(runtime: string, { daemonUrl, sessionId, store, onStored }: Following) {
    this.#child = spawn(runtime, [program, daemonUrl, sessionId, store], {
      stdio: ["ignore", "pipe", "pipe"],
      env: compileCacheEnv,
    });
    this.#exit = once(this.#child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    const { stdout, stderr } = this.#child;
    if (!stdout || !stderr) throw new Error("it has no pipes");
    this.stores = Promise.race([once(stdout, "data"), this.#exit]);
    stdout.on("data", () => onStored?.());
    stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
  }

  /** Kills it as nothing can be caught; fails where it had ended before. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    const [code, signal] = await this.#exit;
    if (signal !== "SIGKILL") throw new Error(`it had ended with ${code}: ${this.#stderr}`);
  }

  /** Waits until it has ended by itself; fails where that was not its regular end. */
  async ended(): Promise<void> {
    const [code, signal] = await this.#exit;
    if (code !== 0) throw new Error(`it ended with ${code ?? signal}: ${this.#stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }
}
