import { ServerGone } from "../shared-server.ts";
import { RpcError } from "./rpc.ts";

/** The code of an error that kept a turn from going on. */
export function failureCode(cause: unknown): "process_exit" | "protocol" | "process_start" {
  if (cause instanceof ServerGone) return "process_exit";
  return cause instanceof RpcError ? "protocol" : "process_start";
}
