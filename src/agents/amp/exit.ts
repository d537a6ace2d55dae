import type { AgentOutput } from "../agent.ts";
import type { Exit } from "../../io/child.ts";
import { reasonOf } from "../../io/error-line.ts";
import { withCure } from "../../io/system-error.ts";
import type { StderrOutput } from "../../schema/event.ts";
import type { Usage } from "../../schema/usage.ts";
import { codeOf, failure, interrupted } from "./outcome.ts";

/** How a process was when it went. */
export interface Leave {
  exit: Exit;
  stderr: StderrOutput;
  /** It wanted to log in: there is no key. */
  keyless: boolean;
  /** It had said something. */
  spoke: boolean;
  /** It was to go on with a thread. */
  resumed: boolean;
}

const NO_KEY = "Amp has no API key: set AMP_API_KEY, or log in with `amp login`";

/** What the end of a process in mid turn means. */
export function exitOutputs(leave: Leave, stopping: boolean, usage?: Usage): AgentOutput[] {
  if (stopping) return [interrupted(usage)];
  if (leave.keyless) return failure("auth", NO_KEY, { usage });
  const { exit, stderr, spoke, resumed } = leave;
  const said = reasonOf(stderr);
  const message = messageOf(leave, said);
  const details = { exitCode: exit.code, signal: exit.signal, stderr };
  const word = codeOf(said);
  // "Thread ... does not exist." (0.0.1790142911 and 0.0.1769425000)
  if (resumed && !spoke && /^Thread .* does not exist/m.test(said)) return lost(message, leave);
  const code = word === "api" && !said.includes("Amp server") ? exitCode(spoke) : word;
  return failure(code, message, { details, usage });
}

function exitCode(spoke: boolean): string {
  return spoke ? "process_exit" : "process_start";
}

/** The thread is gone: no process can go on with it. */
function lost(message: string, { exit, stderr }: Leave): AgentOutput[] {
  const exit_code = exit.code ?? undefined;
  return [
    { type: "error", error: { code: "process_start", message, details: null }, synthetic: true },
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

function messageOf({ exit, spoke }: Leave, said: string): string {
  const what = spoke ? "the agent exited in mid turn" : "the agent could not be started";
  if (exit.error) return `${what}: ${exit.error.message}`;
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  return `${what} (${how})${said === "" ? "" : `: ${withCure(said)}`}`;
}
