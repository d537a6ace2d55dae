import type { SandboxAgentError } from "../sdk/error.ts";

/**
 * Whether the daemon, or a proxy before it, answered with an error. Told by name: the client may be of
 * another copy of this package.
 */
export function isRefusal(error: unknown): error is SandboxAgentError {
  return error instanceof Error && error.name === "SandboxAgentError";
}

/** Whether what failed on the way to the daemon may work a moment later. */
export function mayPass(error: unknown): boolean {
  if (isRefusal(error)) return [408, 429, 502, 503, 504].includes(error.status);
  // What came was no JSON: it would be none the next time.
  return !(error instanceof SyntaxError);
}
