import { execa } from "execa";
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
    `curl -sS -H "authorization: Bearer $SANDBOX_AGENT_TOKEN" -H 'content-type: application/json' -H 'x-proxy-key: '"$HEADER_X_PROXY_KEY" -d '{"agent":"mock","title":"it'\\''s","env":{"API_KEY":"..."}}' 'http://127.0.0.1:2468/v1/sessions/it'\\''s'`,
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

it("the name of a header is one word for a shell, whatever it holds", async () => {
  const name = "`touch$ifs'pwned'`";
  const headers = new Headers({ [name]: "x", "1a": "y", path: "z" });
  const line = curlLine({ method: "GET", url: "http://a/", headers });
  const { stdout } = await execa("sh", ["-c", `curl() { printf '%s\\n' "$@"; }; ${line}`], {
    env: { HEADER_PATH: "own", HEADER_1A: "one", PATH: process.env["PATH"] },
    extendEnv: false,
  });
  expect(stdout.split("\n")).toEqual([
    "-sS",
    "-H",
    "1a: one",
    "-H",
    `${name}: `,
    "-H",
    "path: own",
    "http://a/",
  ]);
});
