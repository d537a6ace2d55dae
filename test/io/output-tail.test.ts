import { describe, expect, test } from "vitest";
import { OutputTail, type OutputExcerpt } from "../../src/io/output-tail.ts";

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`).join("\n");
}

describe("of an output is kept, however it is cut into chunks:", () => {
  const cases: [string, string | Buffer, OutputExcerpt][] = [
    ["nothing of nothing", "", { truncated: false }],
    ["one line", "why\n", { head: "why", truncated: false, total_lines: 1 }],
    ["an unfinished line", "why", { head: "why", truncated: false, total_lines: 1 }],
    ["lines ending in \\r\\n", "a\r\nb\r\n", { head: "a\nb", truncated: false, total_lines: 2 }],
    [
      "all of 70 lines",
      numbered(1, 70) + "\n",
      { head: numbered(1, 70), truncated: false, total_lines: 70 },
    ],
    [
      "the first 20 and the last 50 of 71",
      numbered(1, 71) + "\n",
      { head: numbered(1, 20), tail: numbered(22, 71), truncated: true, total_lines: 71 },
    ],
    [
      "the first 20 and the last 50 where the last is unfinished",
      numbered(1, 1000),
      { head: numbered(1, 20), tail: numbered(951, 1000), truncated: true, total_lines: 1000 },
    ],
    [
      "a line of 500 characters",
      "ü".repeat(500) + "\n",
      { head: "ü".repeat(500), truncated: false, total_lines: 1 },
    ],
    [
      "500 characters of a longer line",
      "ü".repeat(501) + "\nb",
      { head: "ü".repeat(500) + "...\nb", truncated: false, total_lines: 2 },
    ],
    [
      "no half character of a long line",
      "a" + "🙂".repeat(5000),
      { head: "a" + "🙂".repeat(249) + "...", truncated: false, total_lines: 1 },
    ],
    [
      "what can be read of bad UTF-8",
      Buffer.from([0x61, 0xff, 0x0a]),
      { head: "a\uFFFD", truncated: false, total_lines: 1 },
    ],
  ];
  for (const piece of [1, 3, 1000, 1_000_000]) {
    test.each(cases)(`%s, in chunks of ${piece}`, (_what, input, excerpt) => {
      const tail = new OutputTail();
      const bytes = Buffer.from(input);
      for (let start = 0; start < bytes.length; start += piece) {
        tail.push(bytes.subarray(start, start + piece));
      }
      expect(JSON.parse(JSON.stringify(tail))).toEqual(excerpt);
    });
  }
});

test("an endless line is counted as one and cut", () => {
  const tail = new OutputTail();
  const chunk = Buffer.alloc(1024 * 1024, "x");
  for (let i = 0; i < 200; i++) tail.push(chunk);
  expect(tail.toJSON()).toEqual({
    head: `${"x".repeat(500)}...`,
    truncated: false,
    total_lines: 1,
  });
});

test("shows lines without secrets, also where one was cut within a secret", () => {
  const tail = new OutputTail((line) => line.replace(/secret(?:-\d*)?$|secret-\d+/g, "***"));
  tail.push(Buffer.from(`a secret-1\n${"x".repeat(490)} secret-${"2".repeat(50)}\nopen secret-3`));
  expect(tail.lines()).toEqual({
    head: ["a ***", `${"x".repeat(490)} ***...`],
    tail: ["open ***"],
    total: 3,
  });
});
