import { expect, it } from "vitest";
import { curlLine } from "../../src/inspector/requests/curl.ts";

const url = "http://127.0.0.1:2468/v1/sessions/it's";

it("a request is a line in which secrets are variables", () => {
  const headers = new Headers({
    authorization: "Bearer s3cr3t",
    accept: "application/json",
    "content-type": "application/json",
    "x-proxy-key": "k3y",
  });
  const body = '{"agent":"mock","title":"it\'s","env":{"API_KEY":"v4lue"}}';
  const line = curlLine({ method: "POST", url, headers, body });
  expect(line).toBe(
    `curl -sS -H "authorization: Bearer $SANDBOX_AGENT_TOKEN" -H 'content-type: application/json' -H "x-proxy-key: $X_PROXY_KEY" -d '{"agent":"mock","title":"it'\\''s","env":{"API_KEY":"..."}}' 'http://127.0.0.1:2468/v1/sessions/it'\\''s'`,
  );
});

it.each([
  ["GET", undefined, `curl -sS '${url.replace("'", String.raw`'\''`)}'`],
  ["DELETE", undefined, `curl -sS -X DELETE '${url.replace("'", String.raw`'\''`)}'`],
  ["POST", undefined, `curl -sS -X POST '${url.replace("'", String.raw`'\''`)}'`],
  ["PUT", "no json", `curl -sS -X PUT -d 'no json' '${url.replace("'", String.raw`'\''`)}'`],
])("the method %s is told where curl would take another", (method, body, line) => {
  const headers = new Headers({ accept: "*/*" });
  expect(curlLine({ method, url, headers, ...(body !== undefined && { body }) })).toBe(line);
});

it("a stream is printed as it comes", () => {
  const headers = new Headers({ accept: "text/event-stream" });
  expect(curlLine({ method: "GET", url: "http://a/", headers })).toBe("curl -sS -N 'http://a/'");
});
