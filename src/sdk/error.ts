import type { ProblemDetails } from "../schema/problem-details.ts";

/**
 * An answer of the daemon other than 2xx. `message` is the title of the problem; what is wrong in this
 * case, and the cure, is `problem.detail`, which is also the `cause`.
 */
export class SandboxAgentError extends Error {
  override readonly name = "SandboxAgentError";
  readonly status: number;
  /** The body, where it was a problem object (every error of the daemon is one; a proxy's may not be). */
  readonly problem: ProblemDetails | undefined;
  /** The answer; its body can still be read. */
  readonly response: Response;
  /** By which the daemon's log tells of this request; undefined where something else answered. */
  readonly requestId: string | undefined;

  constructor(status: number, problem: ProblemDetails | undefined, response: Response) {
    super(
      problem?.title ?? `Request failed with status ${status}`,
      problem === undefined ? undefined : { cause: problem.detail },
    );
    this.status = status;
    this.problem = problem;
    this.response = response;
    this.requestId = response.headers.get("x-request-id") ?? undefined;
  }

  /** Makes one of an answer. */
  static async of(response: Response): Promise<SandboxAgentError> {
    return new SandboxAgentError(response.status, await problemOf(response), response);
  }
}

async function problemOf(response: Response): Promise<ProblemDetails | undefined> {
  try {
    const body: unknown = await response.clone().json();
    return isProblem(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(body: unknown): body is ProblemDetails {
  return typeof body === "object" && body !== null && "title" in body;
}
