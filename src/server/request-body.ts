import type { IncomingMessage } from "node:http";
import { garbage } from "../io/garbage.ts";
import { invalidRequest, ProblemError } from "../schema/problem.ts";
import type { BodyReader } from "./body-reader.ts";
import { hasMoreValues } from "./json-size.ts";
import { validationProblem } from "./validation.ts";

const JSON_TYPE = /^application\/(?:[^\s;]+\+)?json\s*(?:;|$)/i;

/** More than any request needs that the schemas accept. */
const MAX_VALUES = 20_000;

/** Reads and parses the JSON body of a request, which may be at most `limitBytes` long. */
export async function readJsonBody(
  request: IncomingMessage,
  bodies: BodyReader,
  limitBytes: number,
): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers["content-type"] ?? "")) {
    throw new ProblemError(
      "unsupported_media_type",
      "unsupported media type: send the body as JSON with `Content-Type: application/json`",
    );
  }
  const bytes = await bodies.read(request, limitBytes);
  garbage.passed(bytes.length);
  return parseJson(bytes);
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw invalidRequest("the body is empty; send a JSON object");
  if (hasMoreValues(bytes, MAX_VALUES)) {
    const message = `has more than ${MAX_VALUES} members and elements`;
    throw validationProblem([{ path: "body", message }]);
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    // The parser's own message quotes the body, which may hold secrets.
    const what = error instanceof SyntaxError ? "JSON" : "UTF-8";
    throw invalidRequest(`the body is not valid ${what}`);
  }
}
