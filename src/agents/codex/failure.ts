import { ServerGone } from "../shared-server.ts";
import { RpcError } from "./rpc.ts";

/** The code of an error that kept a turn from going on; `given`: whether the server had its message. */
export function failureCode(
  cause: unknown,
  given: boolean,
): "process_exit" | "protocol" | "process_start" {
  if (cause instanceof ServerGone) return given ? "process_exit" : "process_start";
  return cause instanceof RpcError ? "protocol" : "process_start";
}
