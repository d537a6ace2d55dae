import { describe, expect, it } from "vitest";
import {
  otherDaemon,
  readLink,
  settingsFrom,
  toBaseUrl,
  toHeaders,
} from "../../src/inspector/address.ts";
import { buildInspectorUrl } from "../../src/sdk/inspector-url.ts";

const own = "http://127.0.0.1:2468";

describe("a link to the page", () => {
  it("of our SDK hands over token and headers in its fragment", () => {
    const headers = { "x-key": "a b" };
    const link = buildInspectorUrl({ baseUrl: own, token: "s&=#", headers });
    expect(readLink(link)).toEqual({ given: { token: "s&=#", headers }, clean: `${own}/ui/` });
  });

  it("of the reference's SDK hands over url, token and headers in its query", () => {
    const link = `${own}/ui/?url=http%3A%2F%2Fbox%3A1%2F&token=t&headers=%7B%22x-key%22%3A%22a%22%7D&tab=1`;
    expect(readLink(link)).toEqual({
      given: { url: "http://box:1", token: "t", headers: { "x-key": "a" } },
      clean: `${own}/ui/?tab=1`,
    });
  });

  it("that hands nothing over stays as it is, with a fragment of another meaning", () => {
    const link = `${own}/ui/sessions/one?tab=events#evt_7`;
    expect(readLink(link)).toEqual({ given: {}, clean: link });
  });

  it("gives nothing that is broken, and shows nothing of it either", () => {
    const link = `${own}/ui/?url=javascript%3Aalert(1)&token=&headers=%5B1%5D`;
    expect(readLink(link)).toEqual({ given: {}, clean: `${own}/ui/` });
  });
});

describe("what is asked with", () => {
  const kept = { url: "http://box:1", token: "kept", headers: { a: "b" } };
  it.each([
    ["the daemon that served the page, at first", {}, undefined, { url: own }],
    ["what the tab has kept", {}, kept, kept],
    [
      "a link's token, for the daemon that served it",
      { token: "t" },
      kept,
      { url: own, token: "t" },
    ],
    [
      "a link's daemon, without another's token",
      { url: "http://b:2" },
      kept,
      { url: "http://b:2" },
    ],
    ["a link's daemon, with what was kept for it", { url: "http://box:1" }, kept, kept],
    [
      "a link's token, above the kept one",
      { url: kept.url, token: "t" },
      kept,
      { ...kept, token: "t" },
    ],
  ])("is %s", (_, given, kept, expected) => {
    expect(settingsFrom(own, given, kept)).toEqual(expected);
  });
});

it.each([
  ["no daemon", undefined, undefined, undefined],
  ["the daemon of the page", own, undefined, undefined],
  ["the daemon that the tab uses", "http://box:1", "http://box:1", undefined],
  ["a daemon for the first time", "http://box:1", undefined, "http://box:1"],
  ["another daemon than the tab uses", "http://b:2", "http://box:1", "http://b:2"],
])("a link that names %s", (_, url, kept, expected) => {
  const given = url === undefined ? {} : { url };
  expect(otherDaemon(own, given, kept === undefined ? undefined : { url: kept })).toBe(expected);
});

it.each([
  ["localhost:2468", "http://localhost:2468"],
  [" https://a.example/box/7/// ", "https://a.example/box/7"],
  ["http://a.example/?x=1#y", "http://a.example"],
  ["ftp://a.example", undefined],
  ["http://user:password@a.example", undefined],
  ["", undefined],
  ["http://", undefined],
])("the address %j is taken as %s", (typed, expected) => {
  expect(toBaseUrl(typed)).toBe(expected);
});

it.each(["", "{", "[]", "null", "{}", "7", '{"`x`": "y"}', '{"a b": "c"}', '{"é": "c"}'])(
  "%j is no headers",
  (json) => {
    expect(toHeaders(json)).toBeUndefined();
  },
);
