import { SandboxAgentClient } from "./client.ts";
import type { SandboxAgentConnectOptions } from "./connection.ts";
import type { SandboxAgentStartOptions } from "./spawn-options.ts";

/** The client of a daemon that runs, for pages: it brings nothing along with which to start one. */
export class SandboxAgent extends SandboxAgentClient {
  private constructor(options: SandboxAgentConnectOptions) {
    super(options);
  }

  static async connect(options: SandboxAgentConnectOptions): Promise<SandboxAgent> {
    return new SandboxAgent(options);
  }

  static async start(_options?: SandboxAgentStartOptions): Promise<SandboxAgent> {
    throw new Error("Autospawn requires a Node.js runtime.");
  }
}
