import { shellQuote } from "../../io/shell-quote.ts";

/** A request that the page has made. */
export interface MadeRequest {
  method: string;
  url: string;
  headers: Headers;
  /** JSON text. */
  body?: string;
}

/** Set by the SDK where they are of use; a person who types them sees what they are for. */
const plain = new Set(["accept", "content-type"]);

/**
 * A request as a line for a shell. What may be a secret is a variable in it: the token, the values of a
 * person's own headers, and of the variables that a session is given.
 */
export function curlLine({ method, url, headers, body }: MadeRequest): string {
  const words = ["curl", "-sS"];
  if (headers.get("accept") === "text/event-stream") words.push("-N");
  if (method !== (body === undefined ? "GET" : "POST")) words.push("-X", method);
  for (const [name, value] of headers) {
    if (name === "accept") continue;
    if (plain.has(name)) words.push("-H", shellQuote(`${name}: ${value}`));
    else if (name === "authorization") {
      words.push("-H", '"authorization: Bearer $SANDBOX_AGENT_TOKEN"');
    } else words.push("-H", `${shellQuote(`${name}: `)}"$${variableFor(name)}"`);
  }
  if (body !== undefined) words.push("-d", shellQuote(withoutValues(body)));
  words.push(shellQuote(url));
  return words.join(" ");
}

/** A variable for this header alone. A header that a link names must not send another variable. */
function variableFor(header: string): string {
  return `HEADER_${header.toUpperCase().replaceAll(/[^A-Z\d]/g, "_")}`;
}

/** The body, in which the environment of a session has names and no values. */
function withoutValues(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || !("env" in parsed)) return body;
    const names = Object.keys(parsed.env ?? {});
    return JSON.stringify({
      ...parsed,
      env: Object.fromEntries(names.map((name) => [name, "..."])),
    });
  } catch {
    return body;
  }
}
