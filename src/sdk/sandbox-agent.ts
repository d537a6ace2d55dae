import { SandboxAgentClient } from "./client.ts";
import type { SandboxAgentConnectOptions } from "./connection.ts";
import type { SandboxAgentStartOptions } from "./spawn-options.ts";

/** The client of a daemon: of one that runs, or of one that it starts itself. */
export class SandboxAgent extends SandboxAgentClient {
  readonly #daemon: AsyncDisposable | undefined;

  private constructor(options: SandboxAgentConnectOptions, daemon?: AsyncDisposable) {
    super(options);
    this.#daemon = daemon;
  }

  /** A client of a daemon that runs. Makes no request yet. */
  static async connect(options: SandboxAgentConnectOptions): Promise<SandboxAgent> {
    return new SandboxAgent(options);
  }

  /**
   * Starts a daemon and resolves when it answers. It ends with `dispose()`, and with the program in
   * any case. Works in Node and Bun.
   */
  static async start(options: SandboxAgentStartOptions = {}): Promise<SandboxAgent> {
    const { spawn = true, fetch, headers } = options;
    if (spawn === false || (spawn !== true && spawn.enabled === false)) {
      throw new Error("SandboxAgent.start requires spawn to be enabled.");
    }
    if (globalThis.process?.versions?.node === undefined) {
      throw new Error("Autospawn requires a Node.js runtime.");
    }
    const { spawnSandboxAgent } = await import("./spawn.ts");
    const daemon = await spawnSandboxAgent(spawn === true ? {} : spawn, fetch);
    const { baseUrl, token } = daemon;
    return new SandboxAgent({ baseUrl, token, fetch, headers }, daemon);
  }

  override async dispose(): Promise<void> {
    await this.#daemon?.[Symbol.asyncDispose]();
  }
}
