import type { AgentOutput } from "../agent.ts";
import type { ErrorData } from "../../schema/event.ts";
import { ServerGone } from "../shared-server.ts";
import { NoLogin } from "./login.ts";
import { RpcError } from "./rpc.ts";

/** What kept a turn from going on, as an error; `given`: whether the server had its message. */
export function failureOf(cause: unknown, given: boolean): ErrorData & { code: string } {
  return {
    code: codeOf(cause, given),
    message: messageOf(cause),
    details: cause instanceof ServerGone ? cause.details : null,
  };
}

/** How the session ends where its thread is gone for good; undefined for any other failure. */
export function endOf(
  cause: unknown,
): Extract<AgentOutput, { type: "session.ended" }>["data"] | undefined {
  const message = messageOf(cause);
  const isGone = cause instanceof RpcError && message.includes("no rollout found");
  return isGone ? { reason: "error", terminated_by: "agent", message } : undefined;
}

function codeOf(cause: unknown, given: boolean): string {
  if (cause instanceof NoLogin) return "auth";
  if (cause instanceof ServerGone) return given ? "process_exit" : "process_start";
  return cause instanceof RpcError ? "protocol" : "process_start";
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
