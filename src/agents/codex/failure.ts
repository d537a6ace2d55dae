import { NoLogin } from "./login.ts";
import { RpcError } from "./rpc.ts";
import { ServerGone } from "./server.ts";

/** The code of an error that kept a turn from going on. */
export function failureCode(cause: unknown): string {
  if (cause instanceof NoLogin) return "auth";
  if (cause instanceof ServerGone) return "process_exit";
  return cause instanceof RpcError ? "protocol" : "process_start";
}
