import { expect, it } from "vitest";
import { parseLine } from "../../../src/agents/claude/line.ts";

it("reads a line as JSON and keeps its text", () => {
  expect(parseLine('{"a": 1}')).toEqual({ value: { a: 1 }, raw: '{"a": 1}' });
});

it.each(["", "  ", "\t"])("skips an empty line (%j)", (line) => {
  expect(parseLine(line)).toBeUndefined();
});

it("reads JSON in which broken UTF-8 was mended", () => {
  const text = '{"a":"\uFFFD"}';
  expect(parseLine({ kind: "invalid-utf8", text })).toEqual({ value: { a: "\uFFFD" }, raw: text });
});

it("keeps no carriage return in the text, which would end a line of our streams", () => {
  expect(parseLine('{"a":1,\r"b":2}')).toEqual({ value: { a: 1, b: 2 }, raw: '{"a":1,"b":2}' });
});

it.each([
  ["no JSON", "Segmentation fault"],
  ["half of a line", '{"type":"assis'],
  ["a bare carriage return in a text", '{"a":"\r"}'],
])("shows what cannot be read: %s", (_, line) => {
  expect(parseLine(line)).toEqual({
    unparsed: {
      type: "unparsed",
      error: "the line is not JSON",
      location: "claude",
      raw: JSON.stringify(line),
    },
  });
});

it("shows the beginning of a line that is too long", () => {
  expect(parseLine({ kind: "overlong", bytes: 99, head: '{"type"' })).toEqual({
    unparsed: {
      type: "unparsed",
      error: "a line of 99 bytes is longer than the limit and was dropped",
      location: "claude",
      raw: JSON.stringify('{"type"'),
    },
  });
});
