import type { IncomingMessage } from "node:http";
import { invalidRequest, ProblemError } from "../schema/problem.ts";

/** An expectation that Node and Bun meet before this server sees the request. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** Rejects a request that a proxy may understand differently, or that expects something unknown. */
export function checkHead({ httpVersion, rawHeaders, headers }: IncomingMessage): void {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") {
    throw invalidRequest("this server supports HTTP/1.1 and HTTP/1.0 only");
  }
  // Of several the parser keeps the first, and a proxy may have checked the last.
  if (hasSeveralHosts(rawHeaders)) throw invalidRequest("the request has several `Host` headers");
  const { expect } = headers;
  if (expect !== undefined && httpVersion === "1.1" && !CONTINUE.test(expect)) {
    throw new ProblemError(
      "expectation_failed",
      "expectation failed: this server supports only `Expect: 100-continue`",
    );
  }
}

function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1;
}
