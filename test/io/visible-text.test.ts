import { describe, expect, it } from "vitest";
import { cutText, type TextKind, visiblePieces, visibleText } from "../../src/io/visible-text.ts";

const kinds: readonly TextKind[] = ["name", "code", "output", "prose"];

/** Every code point; halves of pairs are among them. */
const everything = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
const codePointsOf = (property: RegExp) => everything.filter((one) => property.test(one));
const codePointsFrom = (first: number, last: number) => everything.slice(first, last + 1);

const invisible = codePointsOf(
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/u,
);
const blanks = codePointsOf(/\p{Zs}/u).filter((character) => character !== " ");
const lookalikes = ["\u2800", "\ufffc", "\u{1d159}", "\u{13441}"];
const reordering = [...codePointsFrom(0x202a, 0x202e), ...codePointsFrom(0x2066, 0x2069)];
const tags = codePointsFrom(0xe0000, 0xe007f);
// Marks without a letter and characters without a shape, which the lists above do not hold.
const rare =
  /[\u2d7f\u{1107f}\u{16fe4}\u{13442}\u206a-\u206f\ufff9-\ufffc\u{e0000}-\u{e0fff}]|[\u{1d159}]/u;
const usual = everything.filter((character) => !rare.test(character));
const allText = everything.join("");

const escape = (character: string) =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`;

const hiddenIn: Record<TextKind, ReadonlySet<string>> = {
  name: new Set([...invisible, ...blanks, ...lookalikes]),
  code: new Set([...invisible, ...blanks, ...lookalikes].filter((one) => !/[\t\n]/.test(one))),
  output: new Set(invisible.filter((one) => !/[\t\n\p{Co}]/u.test(one))),
  prose: new Set([
    ...codePointsOf(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/u),
    ...reordering,
    ...tags,
  ]),
};
hiddenIn.prose = new Set([...hiddenIn.prose].filter((one) => !/[\t\n]/.test(one)));

/** Returns the shown text from the first place at which it is not the expected one. */
function differenceOf(shown: string, expected: string): string | undefined {
  if (shown === expected) return undefined;
  let at = 0;
  while (shown[at] === expected[at]) at++;
  return shown.slice(Math.max(0, at - 1), at + 20);
}

describe.each(kinds)("%s", (kind) => {
  it("shows each character that is invisible or reorders by its code point alone", () => {
    const hidden = [...hiddenIn[kind]];
    const shown = visibleText(`a${hidden.join("a")}a`, kind);
    expect(differenceOf(shown, `a${hidden.map(escape).join("a")}a`)).toBeUndefined();
  });

  it("leaves every other character of Unicode as it is, unless marks pile up", () => {
    const kept = usual.filter((character) => !hiddenIn[kind].has(character));
    // Letters keep the characters apart, so one text can hold all of them.
    const text = `a${kept.join("a")}a`;
    expect(differenceOf(visibleText(text, kind), text)).toBeUndefined();
    expect(kept.length).toBeGreaterThan(900_000);
  });

  it("changes its own result only by replacing the typed code points in it", () => {
    const shown = visibleText(allText, kind);
    expect(
      shown.match(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069\p{Zl}\p{Zp}\p{Cs}]/gu),
    ).toBeNull();
    const again = visibleText(shown, kind);
    expect(again.replaceAll("<U+003C>U+", "<U+")).toBe(shown);
  });

  it("keeps different texts different: each text can be read back", () => {
    for (const text of [
      "<U+202E>",
      "\u202e",
      "<U+003C>U+202E>",
      "<<U+202E>>",
      "<\u202eU+202E>",
      "a\u0301".repeat(3) + "\u0301".repeat(20),
      allText,
    ]) {
      const back = visibleText(text, kind).replaceAll(/<U\+([\dA-F]{4,6})>/g, (_, code: string) =>
        String.fromCodePoint(Number.parseInt(code, 16)),
      );
      expect(back === text).toBe(true);
    }
  });

  it("gives the same text in pieces", () => {
    const text = "a\u202e\u202cb<U+2066>\u0085";
    const pieces = visiblePieces(text, kind);
    expect(pieces.map((piece) => piece.text).join("")).toBe(visibleText(text, kind));
    expect(pieces.map(({ isCodePoint }) => isCodePoint)).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it("bounds the marks on one letter", () => {
    const shown = visibleText(`a${"\u0335".repeat(100)}b`, kind);
    expect(shown).toBe(`a${"\u0335".repeat(6)}${"<U+0335>".repeat(94)}b`);
  });

  it("has a bounded length and a mark with the number of characters beyond it", () => {
    for (const filling of ["x", "\u202e", "🙂", "\u{e0041}"]) {
      const text = filling.repeat(20_000);
      const shown = visibleText(text, kind, 1000);
      expect(shown.length).toBeLessThan(10 * 1000 + 40);
      expect(shown).toMatch(/… [\d,]+ more characters$/);
    }
    expect(visibleText("x".repeat(13_345), kind, 1000).slice(1000)).toBe(
      "… 12,345 more characters",
    );
    expect(visibleText("xyz", kind, 2)).toBe("xy… 1 more character");
    expect(visibleText("xyz", kind, 3)).toBe("xyz");
  });

  it("needs twice the work for twice the text, whatever the text is", () => {
    // Counted in matches: a run is taken once, and at most 256 characters of it at a time.
    for (const filling of ["\u0301", "\u200b", "\u202e", "<U+", "\ufe0f"]) {
      const pieces = visiblePieces(filling.repeat(10_000), kind).length;
      expect(visiblePieces(filling.repeat(20_000), kind).length).toBeLessThanOrEqual(
        2 * pieces + 1,
      );
    }
  });
});

it.each([
  ["Arabic and Hebrew", "مرحبا بالعالم שלום"],
  ["Thai, Devanagari and Vietnamese", "น้ำ นี่ क्षत्रिय tiê\u0301ng Viê\u0323t"],
  ["Chinese, Japanese and Korean", "你好、世界。ひらがな 한국어"],
  ["signs and emoji of one code point", "→ ✓ █ ░ ├── € 🙂 👍🏽"],
])("%s stay in every kind of text", (_, text) => {
  for (const kind of kinds) expect(visibleText(text, kind)).toBe(text);
});

it("prose keeps joined emoji, marks of direction and joiners of scripts", () => {
  const text = "👩‍👩‍👧 ❤️ می‌خواهم क्‍ष abc\u200f \u00ad \u00a0";
  expect(visibleText(text, "prose")).toBe(text);
  expect(visibleText("👩‍👧", "code")).toBe("👩<U+200D>👧");
});

it("prose shows variation selectors that follow each other, which carry hidden text", () => {
  expect(visibleText("❤\ufe0f\ufe0f\u{e0101}", "prose")).toBe("❤\ufe0f<U+FE0F><U+E0101>");
});

it("output keeps the spaces and the icons that programs draw with", () => {
  const tree = "├──\u00a0a\u3000\ue0b0";
  expect(visibleText(tree, "output")).toBe(tree);
  expect(visibleText(tree, "code")).toBe("├──<U+00A0>a<U+3000><U+E0B0>");
});

it("a text is cut between characters", () => {
  expect(cutText("a🙂b", 2)).toEqual({ shown: "a", rest: "🙂b" });
  expect(cutText("a🙂b", 3)).toEqual({ shown: "a🙂", rest: "b" });
});
