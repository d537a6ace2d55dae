/** What `server` prints once it listens: where it is, and a line to try it with. */
export function greeting(options: { host: string; port: number; token: boolean }): string {
  const { port, token } = options;
  const anywhere = options.host === "0.0.0.0" || options.host === "::";
  const host = anywhere ? "127.0.0.1" : options.host;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const authorization = token ? ' -H "Authorization: Bearer $SANDBOX_AGENT_TOKEN"' : "";
  const curl = `curl -sSN${authorization} -H "Content-Type: application/json" -d`;
  return [
    `sandbox-agent listens on ${url}`,
    "",
    "Try it with the built-in mock agent:",
    `  ${curl} '{"agent":"mock"}' ${url}/v1/sessions/demo && echo && ${curl} '{"message":"hello"}' ${url}/v1/sessions/demo/messages/stream`,
    "",
    "",
  ].join("\n");
}
