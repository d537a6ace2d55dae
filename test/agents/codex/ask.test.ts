import { describe, expect, it } from "vitest";
import { toAsk } from "../../../src/agents/codex/ask.ts";

const COMMAND = "item/commandExecution/requestApproval";
const FILES = "item/fileChange/requestApproval";
const ELICITATION = "mcpServer/elicitation/request";
const PERMISSIONS = "item/permissions/requestApproval";

let requests = 0;

/** Permission for a request with fresh ids. */
function permission(method: string, params: object, paths: string[] = []) {
  const n = ++requests;
  const own = { itemId: `i${n}`, turnId: `u${n}`, approvalId: `a${n}`, startedAtMs: n };
  const ask = toAsk(
    String(n),
    method,
    { ...own, ...params },
    { paths, added: [], diff: `diff ${n}` },
  );
  if (ask?.kind !== "permission") throw new Error("not a permission");
  return ask;
}

const key = (...args: Parameters<typeof permission>) => permission(...args).request.memoryKey;
const run = { command: "/bin/bash -lc 'npm test'", cwd: "/work" };
const call = {
  serverName: "tiny",
  _meta: { codex_approval_kind: "mcp_tool_call", tool_name: "echo", tool_params: { text: "a" } },
};

it.each<[string, Parameters<typeof permission>, Parameters<typeof permission>, boolean]>([
  ["the same command", [COMMAND, run], [COMMAND, { ...run, reason: "again" }], true],
  ["another command", [COMMAND, run], [COMMAND, { ...run, command: `${run.command} x` }], false],
  ["another directory", [COMMAND, run], [COMMAND, { ...run, cwd: "/work/sub" }], false],
  ["another environment", [COMMAND, run], [COMMAND, { ...run, environmentId: "b" }], false],
  ["input for a command", [COMMAND, run], [COMMAND, { ...run, kind: "stdin" }], false],
  [
    "the network for a command",
    [COMMAND, run],
    [COMMAND, { ...run, networkApprovalContext: { host: "a.example" } }],
    false,
  ],
  [
    "another host",
    [COMMAND, { ...run, networkApprovalContext: { host: "b.example" } }],
    [COMMAND, { ...run, networkApprovalContext: { host: "a.example" } }],
    false,
  ],
  [
    "more permissions",
    [COMMAND, run],
    [COMMAND, { ...run, additionalPermissions: { network: true } }],
    false,
  ],
  ["commands without a text", [COMMAND, { cwd: "/work" }], [COMMAND, { cwd: "/work" }], false],
  ["commands without a directory", [COMMAND, { command: "x" }], [COMMAND, { command: "x" }], false],
  ["the same files with other content", [FILES, {}, ["/a", "/b"]], [FILES, {}, ["/b", "/a"]], true],
  ["one file more", [FILES, {}, ["/a"]], [FILES, {}, ["/a", "/b"]], false],
  ["a root", [FILES, {}, ["/a"]], [FILES, { grantRoot: "/" }, ["/a"]], false],
  ["changes of unknown files", [FILES, {}], [FILES, {}], false],
  ["the same call", [ELICITATION, call], [ELICITATION, { ...call, message: "again" }], true],
  [
    "a call of another server",
    [ELICITATION, call],
    [ELICITATION, { ...call, serverName: "t" }],
    false,
  ],
  [
    "a call of another tool",
    [ELICITATION, call],
    [ELICITATION, { ...call, _meta: { ...call._meta, tool_name: "draw" } }],
    false,
  ],
  [
    "a name that runs over its separator",
    [ELICITATION, { ...call, serverName: "a.b", _meta: { ...call._meta, tool_name: "c" } }],
    [ELICITATION, { ...call, serverName: "a", _meta: { ...call._meta, tool_name: "b.c" } }],
    false,
  ],
  [
    "other permissions",
    [PERMISSIONS, { cwd: "/", permissions: { network: true } }],
    [PERMISSIONS, { cwd: "/", permissions: { network: true, write: ["/"] } }],
    false,
  ],
])("an always for one request covers or not: %s", (_, first, second, covered) => {
  expect(key(...first) === key(...second)).toBe(covered);
});

describe("an always is answered to Codex as a once", () => {
  it.each([
    [COMMAND, run],
    [FILES, {}],
    [ELICITATION, call],
    [PERMISSIONS, { permissions: { network: { enabled: true } } }],
  ])("for %s", (method, params) => {
    const { toAnswer } = permission(method, params, ["/a"]);
    expect(toAnswer("always")).toEqual(toAnswer("once"));
    expect(toAnswer("always")).not.toEqual(toAnswer("reject"));
    expect(JSON.stringify(toAnswer("always"))).not.toMatch(/session|amendment|persist/i);
  });
});
