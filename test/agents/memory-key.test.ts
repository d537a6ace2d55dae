import { describe, expect, it } from "vitest";
import { commandKey, fileChangeKey, memoryKey, uniqueKey } from "../../src/agents/memory-key.ts";

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

describe("the key of a request", () => {
  const input = { command: "ls", options: { all: true, long: [1, 2] } };

  it.each([
    ["in another order", { options: { long: [1, 2], all: true }, command: "ls" }],
    ["with members that are undefined in JSON", JSON.parse(JSON.stringify(input))],
  ])("is the same for the same input %s", (_, same) => {
    expect(memoryKey("Bash", same)).toBe(memoryKey("Bash", input));
  });

  it.each([
    ["another value", { ...input, command: "ls -a" }],
    ["another nested value", { ...input, options: { all: false, long: [1, 2] } }],
    ["a nested member more", { ...input, options: { ...input.options, deep: 1 } }],
    ["a nested member less", { ...input, options: { all: true } }],
    ["another order in a list", { ...input, options: { all: true, long: [2, 1] } }],
    ["a value of another type", { ...input, options: { all: "true", long: [1, 2] } }],
    ["null instead of nothing", { ...input, extra: null }],
    ["a member called __proto__", JSON.parse('{"command":"ls","__proto__":{"all":true}}')],
    ["a list of pairs instead of members", [["command", "ls"]]],
  ])("differs for %s", (_, other) => {
    expect(memoryKey("Bash", other)).not.toBe(memoryKey("Bash", input));
  });

  it("differs for another action", () => {
    expect(memoryKey("Bash", input)).not.toBe(memoryKey("Write", input));
  });

  it.each([
    [JSON.parse('{"__proto__":{"a":1}}'), {}],
    [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}')],
    [{ members: [["a", 1]] }, { a: 1 }],
    [[], {}],
    [[], [[]]],
    [[[], []], [[[]]]],
    [[[1], 2], [[1, 2]]],
    [["1", "2"], ["1,2"]],
    [["a", "b"], ['a","b']],
    [{ a: "1", b: "2" }, { a: '1,"b":"2"' }],
    [{ "a:1": 2 }, { a: "1:2" }],
    ["1", 1],
    ["null", null],
    [null, undefined],
    ["undefined", undefined],
    [true, "true"],
    [0, -0],
    [NaN, null],
    [NaN, Infinity],
    [1e21, "1e+21"],
    ["\ud800", "\udc00"],
    ["\ud800", "\ufffd"],
    ["e\u0301", "\u00e9"],
    ["a", "a\u200b"],
    ["a", "a\0"],
    [nested(9_999), nested(10_000)],
  ])("tells pair %# apart", (one, other) => {
    expect(memoryKey("x", one)).not.toBe(memoryKey("x", other));
  });

  it("is built for input of any depth and size, and is short", () => {
    expect(memoryKey("x", nested(1_000_000))).toHaveLength(43);
    expect(memoryKey("x", "a".repeat(8_000_000))).toHaveLength(43);
    expect(memoryKey("x".repeat(8_000_000), {})).toHaveLength(43);
  });

  it("of one kind is never that of another kind", () => {
    const keys = [
      commandKey("t", "c", "/"),
      fileChangeKey("t", ["/c"], "/"),
      memoryKey("t", { command: "c" }),
      memoryKey("t", ["c", "/", {}]),
      memoryKey("command", ["t", "c", "/", {}]),
      uniqueKey("1"),
      uniqueKey("2"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("the key of a command", () => {
  const key = commandKey("Bash", "npm test", "/work");

  it.each([
    ["text", commandKey("Bash", "npm test ", "/work")],
    ["text after a new line", commandKey("Bash", "npm test\n", "/work")],
    ["directory", commandKey("Bash", "npm test", "/work/sub")],
    ["directory behind a link", commandKey("Bash", "npm test", "/work/link/..")],
    ["tool", commandKey("Shell", "npm test", "/work")],
    ["effect", commandKey("Bash", "npm test", "/work", { run_in_background: true })],
  ])("differs for another %s", (_, other) => {
    expect(other).not.toBe(key);
  });

  it("does not depend on the spelling of the directory", () => {
    expect(commandKey("Bash", "npm test", "//work/./")).toBe(key);
  });
});

describe("the key of a change of files", () => {
  const key = fileChangeKey("Edit", ["a.txt", "sub/b.txt"], "/work");

  it.each([
    ["in another order", ["sub/b.txt", "a.txt"]],
    ["named twice", ["a.txt", "sub/b.txt", "/work/a.txt"]],
    ["named in full", ["/work/a.txt", "/work//sub/./b.txt"]],
  ])("is the same for files %s", (_, paths) => {
    expect(fileChangeKey("Edit", paths, "/work")).toBe(key);
  });

  it.each([
    ["one file more", ["a.txt", "sub/b.txt", "c.txt"]],
    ["one file less", ["a.txt"]],
    ["another folder", ["a.txt", "sub2/b.txt"]],
    ["a file beside the directory", ["../a.txt", "sub/b.txt"]],
    ["a path that a link may change", ["a.txt", "link/../sub/b.txt"]],
    ["another case", ["A.txt", "sub/b.txt"]],
    ["a name that holds a separator", ["a.txt,sub/b.txt"]],
  ])("differs for %s", (_, paths) => {
    expect(fileChangeKey("Edit", paths, "/work")).not.toBe(key);
  });

  it("differs for another tool and another extent", () => {
    const paths = ["a.txt", "sub/b.txt"];
    expect(fileChangeKey("Write", paths, "/work")).not.toBe(key);
    expect(fileChangeKey("Edit", paths, "/work", { grantRoot: "/" })).not.toBe(key);
  });
});
