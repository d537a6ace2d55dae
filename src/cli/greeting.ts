import { shellQuote } from "../io/shell-quote.ts";

/** Where a server is reached that listens on this address. */
export function urlOf({ host, port }: { host: string; port: number }): string {
  const anywhere = host === "0.0.0.0" || host === "::";
  const name = anywhere ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** The place of the token for a command that a user copies. The token itself is never printed. */
export type TokenPlace = "variable" | "typed" | { file: string };

/** The text that `server` prints once it listens: its addresses, and a command to try it with. */
export function greeting(options: {
  host: string;
  port: number;
  token: TokenPlace | undefined;
}): string {
  const url = urlOf(options);
  const { token } = options;
  const value =
    typeof token === "object" ? `$(cat ${shellQuote(token.file)})` : "$SANDBOX_AGENT_TOKEN";
  const authorization = token === undefined ? "" : ` -H "Authorization: Bearer ${value}"`;
  const condition = token === "typed" ? ", with SANDBOX_AGENT_TOKEN set to the token" : "";
  const curl = `curl -sSN${authorization} -H "Content-Type: application/json" -d`;
  return [
    `sandbox-agent listens on ${url}`,
    `Its inspector, for a browser: ${url}/ui/`,
    "",
    `Try it with the built-in mock agent${condition}:`,
    `  ${curl} '{"agent":"mock"}' ${url}/v1/sessions/demo && echo && ${curl} '{"message":"hello"}' ${url}/v1/sessions/demo/messages/stream`,
    "",
    "",
  ].join("\n");
}
