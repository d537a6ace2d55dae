import { describe, expect, test } from "vitest";
import { LineSplitter, type Line } from "../../src/io/lines.ts";

/** Everything the splitter gives for this input in pieces of this size. */
function split(input: Buffer | string, piece: number, limitBytes?: number): Line[] {
  const bytes = Buffer.from(input);
  const splitter = new LineSplitter(limitBytes === undefined ? {} : { limitBytes });
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; start += piece) {
    lines.push(...splitter.push(bytes.subarray(start, start + piece)));
  }
  return [...lines, ...splitter.end()];
}

const overlong = (bytes: number, head: string): Line => ({ kind: "overlong", bytes, head });
const invalid = (text: string): Line => ({ kind: "invalid-utf8", text });

describe("lines are the same however the bytes are cut into chunks:", () => {
  const cases: [string, Buffer | string, Line[]][] = [
    ["none of nothing", "", []],
    ["an unfinished last one", "a\nb", ["a", "b"]],
    ["empty ones", "\n\na\n\n", ["", "", "a", ""]],
    ["with a carriage return before the newline", "a\r\nb\r\n\r\nc\r", ["a", "b", "", "c"]],
    ["with a carriage return inside", "a\rb\n", ["a\rb"]],
    ["with characters of many bytes", "grün\n日本\n🙂🙂\n", ["grün", "日本", "🙂🙂"]],
    [
      "with bytes that are no UTF-8",
      Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a, 0xc3]),
      [invalid("a\uFFFD"), "b", invalid("\uFFFD")],
    ],
    ["of exactly the limit", "x".repeat(20) + "\ny\n", ["x".repeat(20), "y"]],
    ["too long", "x".repeat(21) + "\ny\n", [overlong(21, "x".repeat(21)), "y"]],
    ["too long and last", "a\n" + "x".repeat(50), ["a", overlong(50, "x".repeat(50))]],
    [
      "too long twice",
      "x".repeat(30) + "\n" + "y".repeat(31) + "\nz",
      [overlong(30, "x".repeat(30)), overlong(31, "y".repeat(31)), "z"],
    ],
  ];
  for (const piece of [1, 2, 3, 7, 1000]) {
    test.each(cases)(`%s, in chunks of ${piece}`, (_what, input, lines) => {
      const result = split(input, piece, 20);
      // How much of an overlong line stands in its head depends on the limit, not on the text.
      expect(result.map(shorten)).toEqual(lines.map(shorten));
    });
  }
});

function shorten(line: Line): unknown {
  if (typeof line === "string" || line.kind !== "overlong") return line;
  return { ...line, head: line.head.slice(0, 20) };
}

describe("a line beyond the limit", () => {
  test("shows how it began, never with half a character", () => {
    const [line] = split("🙂".repeat(1000) + "\n", 64, 2000);
    expect(line).toEqual(overlong(4000, "🙂".repeat(256)));
    const [shifted] = split("a" + "🙂".repeat(1000) + "\n", 64, 2000);
    expect(shifted).toEqual(overlong(4001, "a" + "🙂".repeat(255)));
  });

  test("takes no more memory than the limit", () => {
    const splitter = new LineSplitter({ limitBytes: 4 * 1024 * 1024 });
    const chunk = Buffer.alloc(64 * 1024, "x");
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 4096; i++) {
      splitter.push(chunk);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(splitter.push(Buffer.from("\n"))).toMatchObject([{ bytes: 256 * 1024 * 1024 }]);
    // Growing leaves the smaller buffers to the collector: twice the limit in all.
    expect(most).toBeLessThan(12 * 1024 * 1024);
  });
});

test("a line of 16 MiB in chunks of 16 bytes is copied once, and while growing as much again", () => {
  const original = Buffer.prototype.copy;
  let copied = 0;
  Buffer.prototype.copy = function (...args: Parameters<typeof original>): number {
    const bytes = original.apply(this, args);
    copied += bytes;
    if (copied > 2 * 16 * 1024 * 1024) throw new Error("copied more than twice");
    return bytes;
  };
  try {
    const splitter = new LineSplitter();
    const chunk = Buffer.alloc(16, "x");
    for (let i = 0; i < 1024 * 1024; i++) splitter.push(chunk);
    const [line] = splitter.push(Buffer.from("\n"));
    expect(line).toHaveLength(16 * 1024 * 1024);
  } finally {
    Buffer.prototype.copy = original;
  }
  expect(copied).toBeGreaterThanOrEqual(16 * 1024 * 1024);
});
