import { expect, it } from "vitest";
import { type AskedCall, toPermission } from "../../../src/agents/opencode/ask.ts";

interface Request {
  permission: string;
  patterns?: string[];
  metadata?: Record<string, unknown>;
  call?: AskedCall | undefined;
}

let requests = 0;

function permission({ call, ...asked }: Request) {
  const n = ++requests;
  const properties = { id: `per_${n}`, tool: { callID: `call_${n}` }, ...asked };
  return toPermission(properties, "/work", call);
}

const bash = (command: string, more = {}): Request => ({
  permission: "bash",
  patterns: [command],
  metadata: { command },
  call: { tool: "bash", input: { command, description: `${++requests}`, ...more } },
});
const edit = (tool: string, filepath: string, files?: object[]): Request => ({
  permission: "edit",
  patterns: [filepath],
  metadata: { filepath, diff: `${++requests}`, ...(files && { files }) },
  call: { tool, input: { filePath: filepath, content: `${++requests}` } },
});
const outside = (tool: string, filepath: string): Request => ({
  permission: "external_directory",
  patterns: ["/other/*"],
  metadata: { filepath, parentDir: "/other" },
  call: { tool, input: { filePath: filepath, content: `${++requests}` } },
});
const fetch = (url: string): Request => ({
  permission: "webfetch",
  patterns: [url],
  metadata: { url, format: "text" },
  call: { tool: "webfetch", input: { url, format: "text" } },
});
const mcp = (tool: string, input: Record<string, unknown>): Request => ({
  permission: tool,
  patterns: ["*"],
  metadata: {},
  call: { tool, input },
});
const proto = (text: string) => mcp("tiny_echo", JSON.parse(text) as Record<string, unknown>);

it.each<[string, Request, Request, boolean]>([
  ["the same command", bash("npm test"), bash("npm test"), true],
  ["the same command with a time limit", bash("npm test"), bash("npm test", { timeout: 5 }), true],
  ["the same directory by name", bash("npm test"), bash("npm test", { workdir: "/work/." }), true],
  ["another directory", bash("npm test"), bash("npm test", { workdir: "sub" }), false],
  ["a directory that is not a text", bash("npm test"), bash("npm test", { workdir: [] }), false],
  ["another command", bash("npm test"), bash("npm test -- --fix"), false],
  ["a member more", bash("npm test"), bash("npm test", { background: true }), false],
  ["an unknown call", bash("npm test"), { ...bash("npm test"), call: undefined }, false],
  ["the same file with other content", edit("write", "/work/a"), edit("write", "/work/a"), true],
  ["the same file by another tool", edit("write", "/work/a"), edit("edit", "/work/a"), false],
  ["another file", edit("write", "/work/a"), edit("write", "/work/b"), false],
  [
    "files that a patch moves elsewhere",
    edit("apply_patch", "a", [{ filePath: "/work/a" }]),
    edit("apply_patch", "a", [{ filePath: "/work/a", movePath: "/work/b" }]),
    false,
  ],
  [
    "one file and two whose names are joined",
    edit("apply_patch", "a, b", [{ filePath: "/work/a, b" }]),
    edit("apply_patch", "a, b", [{ filePath: "/work/a" }, { filePath: "/work/b" }]),
    false,
  ],
  ["the same file outside", outside("write", "/other/a"), outside("write", "/other/a"), true],
  ["another file outside", outside("read", "/other/a"), outside("read", "/other/b"), false],
  ["a write instead of a read", outside("read", "/other/a"), outside("write", "/other/a"), false],
  ["the same page", fetch("https://a.example/"), fetch("https://a.example/"), true],
  ["another page", fetch("https://a.example/"), fetch("https://a.example/b"), false],
  ["the same call", mcp("tiny_echo", { text: "a" }), mcp("tiny_echo", { text: "a" }), true],
  ["other arguments", mcp("tiny_echo", { text: "a" }), mcp("tiny_echo", { text: "b" }), false],
  ["another tool", mcp("tiny_echo", {}), mcp("tiny_draw", {}), false],
  ["a member __proto__", proto('{"a":1}'), proto('{"a":1,"__proto__":{"b":1}}'), false],
])("an always for one request covers or not: %s", (_, first, second, covered) => {
  expect(permission(first)?.memoryKey === permission(second)?.memoryKey).toBe(covered);
});

it("a request names every file that a patch touches", () => {
  const files = [{ filePath: "/work/a", movePath: "/work/b" }, { filePath: "/work/c" }];
  expect(permission(edit("apply_patch", "a, c", files))?.metadata["paths"]).toEqual([
    "/work/a",
    "/work/b",
    "/work/c",
  ]);
});
