/** Where a server is reached that listens on this address. */
export function urlOf({ host, port }: { host: string; port: number }): string {
  const anywhere = host === "0.0.0.0" || host === "::";
  const name = anywhere ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** What `server` prints once it listens: where it and its inspector are, and a line to try it with. */
export function greeting(options: { host: string; port: number; token: boolean }): string {
  const url = urlOf(options);
  const authorization = options.token ? ' -H "Authorization: Bearer $SANDBOX_AGENT_TOKEN"' : "";
  const curl = `curl -sSN${authorization} -H "Content-Type: application/json" -d`;
  return [
    `sandbox-agent listens on ${url}`,
    `Its inspector, for a browser: ${url}/ui/`,
    "",
    "Try it with the built-in mock agent:",
    `  ${curl} '{"agent":"mock"}' ${url}/v1/sessions/demo && echo && ${curl} '{"message":"hello"}' ${url}/v1/sessions/demo/messages/stream`,
    "",
    "",
  ].join("\n");
}
