import { SandboxAgentClient } from "../../sdk/client.ts";
import type { SandboxAgentConnectOptions } from "../../sdk/connection.ts";

/** The client of the page: made at once, where `SandboxAgent.connect` lets one wait. */
export class PageClient extends SandboxAgentClient {
  static of(options: SandboxAgentConnectOptions): PageClient {
    return new PageClient(options);
  }
}
