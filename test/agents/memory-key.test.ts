import { describe, expect, it } from "vitest";
import { memoryKey } from "../../src/agents/memory-key.ts";

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
    [{ members: [["a", 1]] }, { a: 1 }],
    [[], {}],
  ])("tells %j from %j", (one, other) => {
    expect(memoryKey("x", one)).not.toBe(memoryKey("x", other));
  });
});
