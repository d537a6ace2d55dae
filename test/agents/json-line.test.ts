import { expect, it } from "vitest";
import type { AgentOutput } from "../../src/agents/agent.ts";
import { type MessageReader, parseJsonLine, readLines } from "../../src/agents/json-line.ts";

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const told = (raw: string): AgentOutput => ({
  type: "item.completed",
  item: { nativeId: null, kind: "unknown", role: null, content: [], status: "completed" },
  raw,
});

const reader: MessageReader = {
  location: "claude",
  take(_, raw) {
    if (raw.includes("boom")) throw new RangeError("Maximum call stack size exceeded");
    return [told(raw)];
  },
  passOver: ({ unparsed }) => [unparsed],
};

it("reports a line that is nested too deeply as unparsed, with its outline", () => {
  const line = `{"type":"result","deep":${deep(501)}}`;
  expect(parseJsonLine(line, "claude")).toMatchObject({
    unparsed: {
      type: "unparsed",
      error: "the JSON is nested deeper than 500 levels",
      location: "claude",
      raw: JSON.stringify(line),
    },
    outline: { type: "result" },
  });
});

it("outlines a line that was dropped for its length", () => {
  const line = { kind: "overlong", bytes: 99, head: '{"type":"result","result":"xx' } as const;
  expect(parseJsonLine(line, "claude")).toMatchObject({ outline: { type: "result" } });
});

it("translates the lines after one that cannot be parsed or translated", () => {
  const lines = ["1", '{"boom":1}', deep(100_000), "not JSON", "2"];
  const outputs = readLines(lines, reader);
  expect(outputs.map(({ type }) => type)).toEqual([
    "item.completed",
    "unparsed",
    "unparsed",
    "unparsed",
    "item.completed",
  ]);
  expect(outputs[1]).toEqual({
    type: "unparsed",
    error: "the message could not be handled: Maximum call stack size exceeded",
    location: "claude",
    raw: '{"boom":1}',
  });
});

it("reports the line when passing over it fails too", () => {
  const passOver = (): never => {
    throw new Error("again");
  };
  expect(readLines(['{"boom":1}'], { ...reader, passOver })).toMatchObject([{ type: "unparsed" }]);
});

it("returns more events than a call takes arguments", () => {
  const take = (_: unknown, raw: string): AgentOutput[] => Array(300_000).fill(told(raw));
  expect(readLines(["1"], { ...reader, take })).toHaveLength(300_000);
});
