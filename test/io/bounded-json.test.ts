import { expect, it } from "vitest";
import {
  MAX_NESTING,
  outlineOf,
  parseBounded,
  parseCut,
  TooDeep,
  tryParse,
} from "../../src/io/bounded-json.ts";

const nested = (levels: number, [open, close]: readonly [string, string]): string =>
  open.repeat(levels) + "1" + close.repeat(levels);
const kinds = [
  ["[", "]"],
  ['{"a":', "}"],
  ['[{"a":', "}]"],
] as const;

it.each(kinds)("accepts %s…%s up to the bound and rejects one level more", (...kind) => {
  const levels = kind[0].startsWith("[{") ? MAX_NESTING / 2 : MAX_NESTING;
  expect(() => parseBounded(nested(levels, kind))).not.toThrow();
  expect(() => parseBounded(nested(levels + 1, kind))).toThrow(TooDeep);
});

it.each([6_000, 100_000, 5_000_000])("rejects %i levels without exhausting the stack", (levels) => {
  for (const kind of kinds) {
    const text = nested(levels, kind);
    expect(() => parseBounded(text)).toThrow(TooDeep);
    expect(tryParse(text)).toBeUndefined();
    expect(() => JSON.stringify(parseCut(`{"id":1,"deep":${text}}`))).not.toThrow();
    expect(parseCut(`{"id":1,"deep":${text}}`)).toMatchObject({ id: 1 });
  }
});

it.each([
  ["the last member of an object", (deep: string) => `{"a":{"b":[]},"c":null,"d":${deep}}`],
  ["the last element of an array", (deep: string) => `[1,null,{},[[]],${deep}]`],
  ["a member named __proto__", (deep: string) => `{"__proto__":${deep}}`],
  ["a member after a long string", (deep: string) => `{"a":"${"]".repeat(3000)}","b":${deep}}`],
])("finds the nesting in %s, in a short and in a long text", (_, within) => {
  for (const padding of ["", " ".repeat(2 ** 20)]) {
    for (const kind of kinds) {
      const levels = kind[0].startsWith("[{") ? MAX_NESTING / 2 : MAX_NESTING;
      expect(() => parseBounded(padding + within(nested(levels, kind)))).toThrow(TooDeep);
      const least = nested(levels - 1, kind);
      expect(parseBounded(padding + within(least))).toEqual(JSON.parse(within(least)));
    }
  }
});

it("finds the ends of strings", () => {
  for (const text of ['"\\\\"', '"\\""', '"\\\\\\""', '"["', '"\\\\[\\""']) {
    const json = `[${`${text},`.repeat(2000)}1]`;
    expect(parseBounded(json)).toEqual(JSON.parse(json));
    expect(() => parseBounded(`[${json},${nested(600, ["[", "]"])}]`)).toThrow(TooDeep);
  }
});

it("ignores brackets within strings", () => {
  const text = JSON.stringify({ text: "[{".repeat(10_000), quote: '\\"[' });
  expect(parseBounded(text)).toEqual(JSON.parse(text));
});

it("rejects text that is not JSON as JSON.parse does", () => {
  expect(() => parseBounded("[".repeat(100_000))).toThrow(SyntaxError);
  expect(tryParse("[")).toBeUndefined();
});

it("cuts keys that objects inherit like any others", () => {
  const text = `{"__proto__":{"a":${nested(600, kinds[0])}},"constructor":2}`;
  const cut = parseCut(text) as Record<string, unknown>;
  expect(Object.keys(cut)).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
});

it.each([
  ['{"type":"result","result":"xxx', { type: "result" }],
  ['{"a":1,"b":{"c":2,"d":{"e":', { a: 1, b: { c: 2 } }],
  ['{"id":7,"text":"a, \\"b\\", c', { id: 7 }],
  ['[1,2,{"a":[3,4', [1, 2, { a: [3] }]],
  ['{"type":"x"', undefined],
  ["", undefined],
  ["not JSON, at all", undefined],
  ["}],", undefined],
])("outlines the beginning %j", (head, outline) => {
  expect(outlineOf(head)).toEqual(outline);
});
