import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FastifyReply } from "fastify";
import { systemErrorOf } from "../io/system-error.ts";
import { invalidRequest, ProblemError, storageFailed } from "../schema/problem.ts";
import type { ProblemDetails } from "../schema/problem-details.ts";
import { ANSWER_HEADERS } from "./answer-headers.ts";
import { REQUEST_ID } from "./request-ids.ts";
import { linger } from "./unread-body.ts";

const PROBLEM_TYPE = "application/problem+json";

/** The problem that an error is to the caller; undefined for one that is a fault of ours. */
export function findProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const system = systemErrorOf(error);
  if (system) return storageFailed(system, error);
  switch (error.code) {
    case "FST_ERR_BAD_URL":
      return invalidRequest("the path is not valid percent-encoded UTF-8");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new ProblemError(
        "unsupported_media_type",
        "unsupported media type: send the body as JSON with `Content-Type: application/json`",
      );
    default:
      return undefined;
  }
}

/** A fault of ours: the answer shows nothing of it. */
export const internalProblem = new ProblemError(
  "internal",
  "internal error: the daemon's log says more",
);

/** The object that a client is sent; the one for a wrong token is, to the byte, what it always was. */
function bodyOf(body: ProblemDetails, { kind }: ProblemError, requestId: string): string {
  return JSON.stringify(kind === "token_invalid" ? body : { ...body, requestId });
}

/** Answers with a problem; `redact` takes secrets out of one that may hold them. */
export function sendProblem(
  reply: FastifyReply,
  problem: ProblemError,
  redact: (body: ProblemDetails) => ProblemDetails = (body) => body,
): FastifyReply {
  if (problem.kind === "token_invalid") reply.header("www-authenticate", "Bearer");
  return reply
    .code(problem.status)
    .header("content-type", PROBLEM_TYPE)
    .send(Buffer.from(bodyOf(redact(problem.toProblem()), problem, reply.request.id)));
}

/** Waits for what an agent does; whatever it says against it becomes a `stream_error`. */
export async function orStreamError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const problem = findProblem(cause);
    if (problem) throw problem;
    const message = cause instanceof Error ? cause.message : String(cause);
    const extensions = { details: { message } };
    throw new ProblemError("stream_error", `stream error: ${message}`, extensions, { cause });
  }
}

/** Connections that have had the answer to bytes that are not an HTTP request. */
const answeredSockets = new WeakSet<Socket>();

/**
 * Answers bytes that are not an HTTP request, on the socket itself.
 * Returns the status, or undefined when the connection cannot take an answer.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  requestId: string,
): number | undefined {
  // The rest of what the client sends. A reset would lose the answer.
  if (answeredSockets.has(socket)) return undefined;
  // Behind a first answer there may be a stream, into which nothing may be written.
  if (socket.writable && socket.bytesWritten === 0) {
    const problem = problemOf(error);
    answeredSockets.add(socket);
    socket.write(rawAnswer(problem, requestId));
    void linger(socket);
    return problem.status;
  }
  socket.destroy();
  return undefined;
}

/** Rejects a CONNECT request, whose target is a host and not a route. */
export function answerConnect(socket: Duplex, requestId: string): number {
  const problem = invalidRequest("CONNECT is not supported: this server is not a proxy");
  socket.on("error", () => socket.destroy());
  socket.end(rawAnswer(problem, requestId));
  return problem.status;
}

function problemOf({ code }: NodeJS.ErrnoException): ProblemError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new ProblemError(
        "headers_too_large",
        "request header fields too large: the limit is 16 KiB in all",
      );
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ProblemError(
        "request_timeout",
        "request timeout: the request did not arrive in time",
      );
    default:
      return invalidRequest("this is not an HTTP request");
  }
}

function rawAnswer(problem: ProblemError, requestId: string): string {
  const body = bodyOf(problem.toProblem(), problem, requestId);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.toProblem().title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID}: ${requestId}`,
    ...Object.entries(ANSWER_HEADERS).map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
