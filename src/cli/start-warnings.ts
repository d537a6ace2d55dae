import { hostnameOf, isLoopback } from "../server/host-names.ts";

/** A shorter token can be guessed. */
const SAFE_TOKEN_LENGTH = 16;

/** The options of a server that decide which clients can use it. */
export interface Exposure {
  host: string;
  token: string | undefined;
  /** True if the token was given on the command line. */
  tokenIsTyped: boolean;
  corsOrigins: readonly string[];
}

/** The warnings about a server that more people can use than its operator may want. */
export function startWarnings({ host, token, tokenIsTyped, corsOrigins }: Exposure): string[] {
  const isLocal = isLoopback(hostnameOf(host));
  const warnings: string[] = [];
  if (token === undefined && !isLocal) {
    warnings.push(`NO TOKEN: every client that reaches ${host} can run commands here`);
  }
  if (token === undefined && corsOrigins.includes("*")) {
    warnings.push(
      "NO TOKEN AND --cors-allow-origin '*': every web page that a browser here opens can run commands",
    );
  }
  if (token !== undefined && token.length < SAFE_TOKEN_LENGTH && !isLocal) {
    warnings.push(
      `SHORT TOKEN: clients that reach ${host} could guess it; use at least ${SAFE_TOKEN_LENGTH} characters`,
    );
  }
  if (token !== undefined && tokenIsTyped) {
    warnings.push(
      "--token is visible in the list of processes: use --token-file or SANDBOX_AGENT_TOKEN",
    );
  }
  return warnings;
}
