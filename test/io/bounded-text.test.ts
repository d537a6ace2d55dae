import { expect, it } from "vitest";
import { BoundedText } from "../../src/io/bounded-text.ts";

it("keeps a short text whole", () => {
  const text = new BoundedText(10);
  text.add("Hello ");
  text.add("you.");
  expect([text.toString(), text.length, text.kept]).toEqual(["Hello you.", 10, 10]);
});

it("keeps the beginning of a long text with its length", () => {
  const text = new BoundedText(10);
  for (const piece of ["12345", "67890abc", "def", ""]) text.add(piece);
  expect(text.toString()).toBe("1234567890\n[6 more characters are not kept]");
  expect([text.length, text.kept]).toEqual([16, 10]);
});

it("keeps nothing behind a gap", () => {
  const text = new BoundedText(10);
  text.add("123", 2);
  text.add("456", 100);
  expect(text.toString()).toBe("12\n[4 more characters are not kept]");
});

it("counts far more than a string can hold", () => {
  const text = new BoundedText();
  const piece = "x".repeat(64 * 1024 * 1024);
  for (let at = 0; at < 20; at++) text.add(piece);
  expect(text.length).toBe(20 * piece.length);
  expect(text.toString().length).toBeLessThan(1024 * 1024 + 100);
});

it("compares a whole text with the kept beginning", () => {
  const text = new BoundedText(4);
  text.add("abcdef");
  expect(["abcdef", "abcdefg", "abcde", "xbcdefg"].map((whole) => text.isPrefixOf(whole))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
