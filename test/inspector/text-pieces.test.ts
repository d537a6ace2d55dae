import { expect, it } from "vitest";
import { asMarkdown, divide, LONGEST_PIECE } from "../../src/inspector/session/text-pieces.ts";

const paragraph = "Some words of a paragraph. ".repeat(20);

it.each<[string, string]>([
  ["nothing", ""],
  ["a short text", "Hello"],
  ["paragraphs", `${paragraph}\n\n`.repeat(40)],
  ["one paragraph without an end", "word ".repeat(5000)],
  ["one word without an end", "x".repeat(20_000)],
  ["pairs of surrogates without an end", "🚀".repeat(20_000)],
  ["a long code block", `Before\n\n\`\`\`ts\n${"const a = 1;\n".repeat(1000)}\`\`\`\nAfter`],
  ["a code block that is never closed", `\`\`\`\n${"x\n".repeat(9000)}`],
  ["a long list", "- one\n\n  more of it\n".repeat(500)],
])("the pieces of %s add up to it, and none is long", (_, text) => {
  const pieces = divide(text);
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
  for (const piece of pieces) {
    expect(piece.text.length).toBeLessThanOrEqual(LONGEST_PIECE);
    expect(piece.text.isWellFormed()).toBe(true);
  }
});

it("a short text is one piece", () => {
  expect(divide("# A\n\nb\n\n- c")).toEqual([{ text: "# A\n\nb\n\n- c", fence: "" }]);
});

it("paragraphs are divided between them", () => {
  const [first, second] = divide(`${paragraph}\n\n`.repeat(10));
  expect(first?.text).toMatch(/\. \n\n$/);
  expect(second?.text).toMatch(/^Some words/);
});

it("the rest of a code block is code", () => {
  const pieces = divide(`\`\`\`ts\n${"const a = 1;\n".repeat(500)}\`\`\`\n\nAfter`);
  expect(pieces.length).toBeGreaterThan(2);
  for (const piece of pieces.slice(1)) {
    expect(piece.fence).toBe("```ts");
    expect(asMarkdown(piece)).toMatch(/^```ts\nconst a = 1;\n/);
  }
});

it("a fence within a longer fence does not close it", () => {
  const text = `\`\`\`\`md\n\`\`\`\n${"x\n".repeat(2000)}\`\`\`\`\n`;
  expect(divide(text).at(-1)?.fence).toBe("````md");
});
