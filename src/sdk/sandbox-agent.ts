import { SandboxAgentClient } from "./client.ts";
import type { SandboxAgentConnectOptions } from "./connection.ts";

/** The client of a daemon: of one that runs, or of one that it starts itself. */
export class SandboxAgent extends SandboxAgentClient {
  /** A client of a daemon that runs. Makes no request yet. */
  static async connect(options: SandboxAgentConnectOptions): Promise<SandboxAgent> {
    return new SandboxAgent(options);
  }
}
