import { explainError } from "../io/system-error.ts";
import { ProblemError } from "../schema/problem.ts";
import { SandboxAgentError } from "../sdk/error.ts";

/** What a person is told of an error, in one line. */
export function messageOf(error: unknown): string {
  if (error instanceof ProblemError) return withStderr(error.message, error.extensions.details);
  if (error instanceof SandboxAgentError) {
    const { problem } = error;
    if (!problem) return error.message;
    return withStderr(`${problem.title}: ${problem.detail}`, problem.details);
  }
  return explainError(error);
}

function withStderr(message: string, details: Record<string, unknown> | undefined): string {
  const stderr = details?.["stderr"];
  if (typeof stderr !== "string" || message.includes(stderr)) return message;
  return `${message}: ${stderr}`;
}
