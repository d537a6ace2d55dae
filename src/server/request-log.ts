import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import { pathOf } from "./entrance.ts";
import type { Metrics } from "./metrics.ts";

/** Asked for every few seconds by whoever watches the daemon. */
const PROBES = ["/v1/health", "/metrics"];

/** Characters of a path that are logged. A client may send up to 16 KiB, Node's limit. */
const PATH_CHARACTERS = 512;

/**
 * Logs and counts a request when it is over, also when the client leaves; its query, headers and body
 * may hold secrets.
 */
export function tellAtEnd(
  log: FastifyBaseLogger,
  metrics: Metrics,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  metrics.requestBegan();
  const start = performance.now();
  reply.raw.once("close", () => {
    const { method, id: requestId } = request;
    const status = reply.raw.statusCode;
    const durationMs = performance.now() - start;
    const path = pathOf(request).slice(0, PATH_CHARACTERS);
    const { route = "none" } = request.routeOptions.config;
    const line = { requestId, method, path, status, durationMs: Math.round(durationMs) };
    log[levelOf(route, status)](line, "request");
    metrics.requestEnded({ method, route, status, seconds: durationMs / 1000 });
  });
}

/** Logs what went wrong with a request by a fault of ours. */
export function logFault(log: FastifyBaseLogger, requestId: string, error: unknown): void {
  const what = error instanceof Error ? error.stack : String(error);
  log.error({ requestId, error: what }, "a request failed by a fault of the daemon");
}

/** Faults are errors, refusals are warnings, and probes are too frequent for the usual level. */
function levelOf(route: string, status: number): "error" | "warn" | "info" | "debug" {
  if (status === 401 || status === 403 || status === 503) return "warn";
  if (status >= 500) return "error";
  return status < 400 && PROBES.includes(route) ? "debug" : "info";
}
