import { expect, it } from "vitest";
import { OutputTail } from "../../src/io/output-tail.ts";
import { plainLine } from "../../src/io/shown-text.ts";

it.each([
  ["\u001b[1;31merror\u001b[0m: no", "error: no"],
  ["\u001b]0;title\u0007text", "text"],
  ["\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link"],
  ["\u009b31mred", "red"],
  ["a\u0000b\u0008c\u007fd\u0085e", "abcde"],
  ["10 %\r20 %", "10 % 20 %"],
  ["\u001b[31", "31"],
  ["tab\tstays, é too", "tab\tstays, é too"],
])("a line of an output is plain text: %j", (line, text) => {
  expect(plainLine(line)).toBe(text);
});

it("an excerpt of stderr holds neither escape sequences nor a secret that they divide", () => {
  const tail = new OutputTail((text) => text.replaceAll("swordfish", "[redacted]"));
  tail.push(Buffer.from("\u001b[31msword\u001b[0mfish\n"));
  expect(tail.toJSON()).toMatchObject({ head: "[redacted]" });
});
