import type { SandboxAgentConnectOptions } from "./connection.ts";

/**
 * Where the daemon's log goes: `inherit` to the program's own stderr; with `pipe` and `silent` it is
 * not shown, and its end stands in the message of the error when the daemon does not start.
 */
export type SandboxAgentSpawnLogMode = "inherit" | "pipe" | "silent";

/** How to start a daemon. */
export interface SandboxAgentSpawnOptions {
  /** False forbids it. */
  enabled?: boolean;
  /** The address to listen on; default `127.0.0.1`. */
  host?: string;
  /** The port to listen on; default: a free one. */
  port?: number;
  /** The token that requests must carry; default: a random one. */
  token?: string;
  /** The executable; default: `SANDBOX_AGENT_BIN`, then that of this package, then the one on PATH. */
  binaryPath?: string;
  /** Milliseconds that the daemon may take to answer; default 15,000. */
  timeoutMs?: number;
  /** Default `inherit`. */
  log?: SandboxAgentSpawnLogMode;
  /** Variables besides those of the program. */
  env?: Record<string, string>;
}

/** How to start a daemon and to talk to it. */
export interface SandboxAgentStartOptions extends Pick<
  SandboxAgentConnectOptions,
  "fetch" | "headers"
> {
  spawn?: SandboxAgentSpawnOptions | boolean;
}
