import type { ProblemDetails } from "./problem-details.ts";

/** The URN prefix of every problem type. */
const URN = "urn:sandbox-agent:error:";

/**
 * Every kind of error this daemon answers with: its HTTP status and its title.
 * `docs/errors.md` is kept equal to this table by a test.
 */
export const problemKinds = {
  invalid_request: { status: 400, title: "Invalid Request" },
  unsupported_agent: { status: 400, title: "Unsupported Agent" },
  agent_not_installed: { status: 404, title: "Agent Not Installed" },
  install_failed: { status: 500, title: "Install Failed" },
  agent_process_exited: { status: 500, title: "Agent Process Exited" },
  token_invalid: { status: 401, title: "Token Invalid" },
  permission_denied: { status: 403, title: "Permission Denied" },
  session_not_found: { status: 404, title: "Session Not Found" },
  session_ended: { status: 409, title: "Session Ended" },
  already_resolved: { status: 409, title: "Already Resolved" },
  session_already_exists: { status: 409, title: "Session Already Exists" },
  mode_not_supported: { status: 400, title: "Mode Not Supported" },
  stream_error: { status: 502, title: "Stream Error" },
  timeout: { status: 504, title: "Timeout" },
  not_found: { status: 404, title: "Not Found" },
  method_not_allowed: { status: 405, title: "Method Not Allowed" },
  unsupported_media_type: { status: 415, title: "Unsupported Media Type" },
  request_timeout: { status: 408, title: "Request Timeout" },
  payload_too_large: { status: 413, title: "Payload Too Large" },
  headers_too_large: { status: 431, title: "Request Header Fields Too Large" },
  expectation_failed: { status: 417, title: "Expectation Failed" },
  host_not_allowed: { status: 403, title: "Host Not Allowed" },
  origin_not_allowed: { status: 403, title: "Origin Not Allowed" },
  queue_full: { status: 429, title: "Queue Full" },
  events_expired: { status: 410, title: "Events Expired" },
  file_not_found: { status: 404, title: "File Not Found" },
  too_many_streams: { status: 503, title: "Too Many Streams" },
  storage_failed: { status: 507, title: "Storage Failed" },
  internal: { status: 500, title: "Internal Error" },
} as const;

export type ProblemKind = keyof typeof problemKinds;

/** The members a problem may carry besides `type`, `title`, `status` and `detail`. */
export interface ProblemExtensions {
  /** Raw agent id as the request gave it. */
  agent?: string;
  /** More about the problem: `issues` of a failed validation, `stderr` of an install, and so on. */
  details?: Record<string, unknown>;
  sessionId?: string;
  /** With `events_expired`: the oldest sequence that can still be read. */
  firstSequence?: number;
}

/** An error that reaches the caller of the API as a problem object. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly kind: ProblemKind;
  readonly extensions: ProblemExtensions;

  constructor(
    kind: ProblemKind,
    detail: string,
    extensions: ProblemExtensions = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.kind = kind;
    this.extensions = extensions;
  }

  get status(): number {
    return problemKinds[this.kind].status;
  }

  /** The problem object, members in the order of the reference. */
  toProblem(): ProblemDetails {
    const { status, title } = problemKinds[this.kind];
    return { type: URN + this.kind, title, status, detail: this.message, ...this.extensions };
  }
}

/** `invalid_request` with the reference's `invalid request: …` detail. */
export function invalidRequest(message: string, details?: Record<string, unknown>): ProblemError {
  return new ProblemError(
    "invalid_request",
    `invalid request: ${message}`,
    details ? { details } : {},
  );
}

/** `session_ended`: a message or reply to a session that takes no more of them. */
export function sessionEnded(): ProblemError {
  return new ProblemError("session_ended", "session ended: create another session");
}

/** `unsupported_agent`, with the agent as it was named. */
export function unsupportedAgent(id: string): ProblemError {
  return new ProblemError("unsupported_agent", `unsupported agent: ${id}`, { agent: id });
}

/** `storage_failed`: a file or a folder cannot be written; `text` names cause and cure. */
export function storageFailed(
  { text, code, path }: { text: string; code: string; path: string | undefined },
  cause: unknown,
): ProblemError {
  const details = { code, ...(path !== undefined && { path }) };
  return new ProblemError("storage_failed", `storage failed: ${text}`, { details }, { cause });
}
