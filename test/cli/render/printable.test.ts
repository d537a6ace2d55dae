import { expect, it } from "vitest";
import { bounded, oneLine, printable, uncoloured } from "../../../src/cli/render/printable.ts";
import { createStyle } from "../../../src/cli/render/style.ts";

it.each([
  ["plain text stays as it is", "Zoë: 1\t2\n", "Zoë: 1\t2\n"],
  ["an escape sequence is shown", "\u001b[2Jgone", "<U+001B>[2Jgone"],
  ["a title is not set", "\u001b]0;owned\u0007", "<U+001B>]0;owned<U+0007>"],
  ["a carriage return begins a line", "one\r\ntwo\rthree", "one\ntwo\nthree"],
  ["a backspace deletes nothing", "rm -rf /\b\b", "rm -rf /<U+0008><U+0008>"],
  ["a delete is shown", "a\u007f", "a<U+007F>"],
  ["the short form of an escape sequence is shown", "\u009b31m", "<U+009B>31m"],
  ["letters are not turned round", "\u202etxt", "<U+202E>txt"],
])("%s", (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

it("the colours of a command's output are left out", () => {
  expect(uncoloured("\u001b[32mok\u001b[0m \u001b")).toBe("ok <U+001B>");
});

it("lines become one of bounded length", () => {
  expect(oneLine(" one\n  two\tthree\n", 80)).toBe("one ⏎ two three");
  expect(oneLine("🙂🙂🙂🙂", 3)).toBe("🙂🙂🙂… 1 more character");
  expect(oneLine("x".repeat(12_355), 10)).toBe(`${"x".repeat(10)}… 12,345 more characters`);
});

it("of many lines the first and the last are shown", () => {
  const lines = Array.from({ length: 10 }, (_, index) => String(index));
  expect(bounded(lines, 2, 1)).toEqual(["0", "1", "… 7 more lines", "9"]);
  expect(bounded(lines, 6, 3)).toEqual(lines);
});

it.each([
  ["on a terminal", { isTTY: true }, {}, true],
  ["nowhere else", {}, {}, false],
  ["not where NO_COLOR says so", { isTTY: true }, { NO_COLOR: "1" }, false],
  ["where NO_COLOR is empty", { isTTY: true }, { NO_COLOR: "" }, true],
  ["not on a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
  ["where FORCE_COLOR says so", {}, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
  ["not where FORCE_COLOR says so", { isTTY: true }, { FORCE_COLOR: "0" }, false],
])("there are colours %s", (_, stream, env, coloured) => {
  expect(createStyle(stream, env).red("x")).toBe(coloured ? "\u001b[31mx\u001b[39m" : "x");
});
