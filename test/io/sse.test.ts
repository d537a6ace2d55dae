import { expect, it } from "vitest";
import { SseDecoder } from "../../src/io/sse.ts";

function decodeAll(pieces: Iterable<string>): string[] {
  const decoder = new SseDecoder();
  return [...pieces].flatMap((piece) => decoder.decode(piece));
}

const streams: [name: string, text: string, data: string[]][] = [
  ["an event", "data: one\n\n", ["one"]],
  ["several events", "data: one\n\ndata: two\n\n", ["one", "two"]],
  ["lines that end in CRLF", "id: 1\r\ndata: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]],
  ["a comment alone, and one in an event", ": keep-alive\n\n: x\ndata: one\n\n", ["one"]],
  ["other fields", "id: 1\nevent: e\nretry: 1\ndata: one\n\n", ["one"]],
  ["data of several lines", "data: one\ndata:\ndata: two\n\n", ["one\n\ntwo"]],
  ["data without a space, or with two", "data:one\n\ndata:  two\n\n", ["one", " two"]],
  ["an event that was cut off", "data: one\n\ndata: tw", ["one"]],
  ["an event without its blank line", "data: one\n\ndata: two\n", ["one"]],
  ["more blank lines than are needed", "\n\ndata: one\n\n\n\ndata: two\n\n", ["one", "two"]],
];

it.each(streams)("%s: the data is the same however the stream is cut", (_, text, data) => {
  expect(decodeAll([text])).toEqual(data);
  expect(decodeAll(text)).toEqual(data);
  for (let cut = 1; cut < text.length; cut++) {
    expect(decodeAll([text.slice(0, cut), text.slice(cut)]), `cut at ${cut}`).toEqual(data);
  }
});

it("an event is given as soon as it is complete", () => {
  const decoder = new SseDecoder();
  expect(decoder.decode("data: one\n")).toEqual([]);
  expect(decoder.decode("\ndata: tw")).toEqual(["one"]);
  expect(decoder.decode("o\n\n")).toEqual(["two"]);
});
