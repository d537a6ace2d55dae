import { z } from "zod";
import { SandboxAgent } from "../sdk/sandbox-agent.ts";
import { errorCode } from "../io/error-code.ts";
import { hostnameOf, isLoopback } from "../server/host-names.ts";
import { findToken } from "./token.ts";

/** The options that every command has which asks a daemon. */
export const ClientOptions = z.object({
  endpoint: z.string(),
  token: z.union([z.string(), z.literal(false)]).optional(),
  tokenFile: z.string().optional(),
});
export type ClientOptions = z.infer<typeof ClientOptions>;

/** The client of the daemon that these options mean; an unreachable one is told with the cure. */
export async function connect({
  endpoint,
  signal,
  ...tokens
}: ClientOptions & { signal?: AbortSignal }): Promise<SandboxAgent> {
  const token = await findToken(tokens);
  const { hostname } = new URL(endpoint);
  const loopback = isLoopback(hostnameOf(hostname));
  const reach = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    try {
      // Bun would ask a proxy for loopback addresses, and give up where an install takes its time.
      const bun = { timeout: false, ...(loopback && { proxy: false }) };
      return await globalThis.fetch(input, { ...(signal && { signal }), ...init, ...bun });
    } catch (cause) {
      if (init?.signal?.aborted === true) throw cause;
      throw new Error(unreachable(endpoint, cause), { cause });
    }
  };
  return await SandboxAgent.connect({
    baseUrl: endpoint.replace(/(?<!\/)\/+$/, ""),
    ...(token !== undefined && { token }),
    fetch: Object.assign(reach, globalThis.fetch),
  });
}

/** The codes of Node and of Bun (1.4), whose messages are about its own `fetch`. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ConnectionRefused: "connection refused",
  ECONNRESET: "connection reset",
  ConnectionClosed: "connection closed",
  ENOTFOUND: "unknown host",
  FailedToOpenSocket: "no connection to the host",
  ETIMEDOUT: "connection timed out",
  Timeout: "connection timed out",
};

function reasonOf(error: Error): string {
  const code = errorCode(error);
  const reason = code !== undefined && Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  return reason ?? error.message;
}

function unreachable(endpoint: string, error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const why = cause instanceof Error ? reasonOf(cause) : String(cause);
  return `no daemon answers at ${endpoint} (${why}): start one with \`sandbox-agent server\` or \`sandbox-agent daemon start\`, or name another by --endpoint or SANDBOX_AGENT_ENDPOINT`;
}
