import type { AgentOutput } from "../agent.ts";
import { ChildGone, type Exit } from "../../io/child.ts";
import { reasonWithCure } from "../../io/error-line.ts";
import type { StderrOutput } from "../../schema/event.ts";

/** A process that could not be started, or left before it was ready. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exit: Exit;
  readonly stderr: StderrOutput;
  /** The CLI no longer has the conversation: no process can take it up again. */
  readonly recordLost: boolean;

  constructor(exit: Exit, stderr: StderrOutput, recordLost = false, options?: ErrorOptions) {
    super(startMessage(exit, stderr, options?.cause), options);
    this.exit = exit;
    this.stderr = stderr;
    this.recordLost = recordLost;
  }
}

/** All of a stderr excerpt as one text. */
export function stderrText({ head, tail }: StderrOutput): string {
  return [head, tail].filter((part) => part !== undefined).join("\n");
}

/** What a failed start means: a failed turn, or the end of a session that cannot go on. */
export function startOutputs(cause: unknown, stopping: boolean): AgentOutput[] {
  if (stopping) return [interrupted];
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof StartError)) return failure("process_start", message, null);
  const { exit, stderr, recordLost } = cause;
  const details = detailsOf(exit, stderr);
  if (!recordLost) return failure("process_start", message, details);
  const exit_code = exit.code ?? undefined;
  return [
    { type: "error", error: { code: "process_start", message, details }, synthetic: true },
    {
      type: "session.ended",
      data: {
        reason: "error",
        terminated_by: "agent",
        message,
        ...(exit_code !== undefined && { exit_code }),
        stderr,
      },
    },
  ];
}

/** What the end of a process in mid turn means. */
export function exitOutputs(exit: Exit, stderr: StderrOutput, stopping: boolean): AgentOutput[] {
  if (stopping) return [interrupted];
  const message = messageOf("the agent exited in mid turn", exit, stderr);
  return failure("process_exit", message, detailsOf(exit, stderr));
}

/** The end of a turn whose last line could not be handled. */
export function brokenTurn(stopping: boolean): AgentOutput[] {
  if (stopping) return [interrupted];
  return failure("protocol", "the line that ended the turn could not be handled", null);
}

const interrupted: AgentOutput = { type: "turn.ended", outcome: { status: "interrupted" } };

function failure(code: string, message: string, details: unknown): AgentOutput[] {
  return [
    { type: "error", error: { code, message, details }, synthetic: true },
    { type: "turn.ended", outcome: { status: "failed", error: { code, message } } },
  ];
}

/** Where it has not left by itself its exit, which is our doing, tells nothing. */
function startMessage(exit: Exit, stderr: StderrOutput, cause: unknown): string {
  const what = "the agent could not be started";
  if (!(cause instanceof Error) || cause instanceof ChildGone) return messageOf(what, exit, stderr);
  const message = `${what}: ${cause.message}`;
  const reason = reasonWithCure(stderr);
  return reason === "" ? message : `${message}: ${reason}`;
}

function messageOf(what: string, { code, signal, error }: Exit, stderr: StderrOutput): string {
  if (error) return `${what}: ${error.message}`;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const reason = reasonWithCure(stderr);
  return `${what} (${how})${reason === "" ? "" : `: ${reason}`}`;
}

function detailsOf({ code, signal }: Exit, stderr: StderrOutput): Record<string, unknown> {
  return { exitCode: code, signal, stderr };
}
