import { expect, it } from "vitest";
import { startWarnings } from "../../src/cli/start-warnings.ts";

const LONG = "0123456789abcdef";

it.each([
  ["127.0.0.1", undefined, [], []],
  ["localhost", undefined, ["http://a.example"], []],
  ["[::1]", undefined, [], []],
  ["0.0.0.0", undefined, [], ["NO TOKEN:"]],
  ["::", undefined, ["*"], ["NO TOKEN:", "NO TOKEN AND"]],
  ["127.0.0.1", undefined, ["http://a.example", "*"], ["NO TOKEN AND"]],
  ["127.0.0.1", LONG, ["*"], []],
  ["0.0.0.0", LONG, ["*"], []],
  ["0.0.0.0", LONG.slice(1), [], ["SHORT TOKEN:"]],
  ["127.0.0.1", "short", [], []],
])(
  "a server on %s with token %j and CORS for %j warns of %j",
  (host, token, corsOrigins, starts) => {
    const warnings = startWarnings({ host, token, tokenIsTyped: false, corsOrigins });
    expect(warnings).toHaveLength(starts.length);
    for (const [index, start] of starts.entries()) expect(warnings[index]).toContain(start);
    if (token !== undefined) expect(warnings.join("")).not.toContain(token);
  },
);

it("a typed token is warned of without showing it", () => {
  const given = { host: "127.0.0.1", token: LONG, tokenIsTyped: true, corsOrigins: [] };
  const warnings = startWarnings(given);
  expect(warnings).toEqual([
    "--token is visible in the list of processes: use --token-file or SANDBOX_AGENT_TOKEN",
  ]);
});
