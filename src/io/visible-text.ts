/**
 * A kind of text decides which characters are replaced by code points.
 *
 * - `name`: one line, such as a path, an id or a label. Line ends and tabs are replaced as well.
 * - `code`: lines that are approved or run, such as a command, an input or a diff.
 * - `output`: lines that a program printed. Spaces and icons that take room stay.
 * - `prose`: a message in any language. Only characters that control or reorder are replaced.
 */
export type TextKind = "name" | "code" | "output" | "prose";

/** A part of a text: unchanged characters, or the code points of replaced ones. */
export interface TextPiece {
  text: string;
  isCodePoint: boolean;
}

/** Combining marks on one letter beyond this number cover the lines around it. */
const MOST_MARKS = 6;
/** Characters that one match takes at most: many are replaced at once, and none is matched twice. */
const LONGEST_RUN = 256;

const CONTROLS_OF_LINES = String.raw`\0-\x08\x0b-\x1f\x7f-\x9f`;
const LINE_BREAKS = String.raw`\p{Zl}\p{Zp}`;
const BROKEN = String.raw`\p{Cs}\p{Noncharacter_Code_Point}`;
const REORDERING = String.raw`\u202a-\u202e\u2066-\u206f`;
const ANNOTATIONS = String.raw`\ufff9-\ufffc`;
/** Tags and the code points reserved beside them, without the variation selectors among them. */
const TAGS = String.raw`\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}`;
const INVISIBLE = String.raw`\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}`;
/** Joiners and fillers without a shape that Unicode does not call ignorable. */
const SHAPELESS = String.raw`\u2d7f\u{1107f}\u{16fe4}\u{1d159}`;
/** Characters that look like a space to a reader and are a letter to a shell. */
const BLANKS = String.raw`\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u{13441}\u{13442}`;

const PROSE = CONTROLS_OF_LINES + LINE_BREAKS + BROKEN + REORDERING + ANNOTATIONS + TAGS;
const OUTPUT = PROSE + INVISIBLE + SHAPELESS;
const CODE = String.raw`${OUTPUT}${BLANKS}\p{Co}`;

const hidden: Record<TextKind, RegExp> = {
  name: pattern(String.raw`${CODE}\t\n`),
  code: pattern(CODE),
  output: pattern(OUTPUT),
  prose: pattern(PROSE, String.raw`(?<=\p{Variation_Selector})\p{Variation_Selector}`),
};

/** The marks of the most frequent characters, the controls. */
const controlMarks = Array.from({ length: 0xa0 }, (_, code) => codePointMark(code));

/** Such characters in JSON are within its strings. JSON itself escapes the first 32 controls. */
const inJson = new RegExp(`[${OUTPUT}]{1,${LONGEST_RUN}}`, "gu");

/** A literal `<U+` is replaced too, so that no text can imitate a replaced character. */
function pattern(characters: string, ...others: string[]): RegExp {
  const marks = String.raw`(?<=[\p{Mn}\p{Me}]{${MOST_MARKS}})[\p{Mn}\p{Me}]{1,${LONGEST_RUN}}`;
  const runs = `[${characters}]{1,${LONGEST_RUN}}`;
  return new RegExp([runs, "<(?=U\\+)", marks, ...others].join("|"), "gu");
}

/**
 * Text that a terminal or a page shows as it is read: each character that is invisible, moves the
 * cursor, or changes the order of others is replaced by its code point, such as `<U+202E>`.
 * All other characters stay. Different texts of at most `most` characters stay different.
 */
export function visibleText(text: string, kind: TextKind, most = Infinity): string {
  const { shown, rest } = cutText(text, most);
  return shown.replaceAll(hidden[kind], codePoints) + (rest === "" ? "" : restMark(rest.length));
}

/** The parts of the same text, for a page that marks code points by their style. */
export function visiblePieces(text: string, kind: TextKind): TextPiece[] {
  const pieces: TextPiece[] = [];
  let at = 0;
  for (const { 0: run, index } of text.matchAll(hidden[kind])) {
    const last = pieces.at(-1);
    if (index === at && last) last.text += codePoints(run);
    else {
      if (index > at) pieces.push({ text: text.slice(at, index), isCodePoint: false });
      pieces.push({ text: codePoints(run), isCodePoint: true });
    }
    at = index + run.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isCodePoint: false });
  return pieces;
}

/** JSON with the same meaning in which no character is invisible or drives a terminal. */
export function visibleJson(json: string): string {
  return json.replaceAll(inJson, (run) =>
    Array.from(
      { length: run.length },
      (_, index) => `\\u${run.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** A text cut after `most` characters, never within a pair of surrogates. */
export function cutText(text: string, most: number): { shown: string; rest: string } {
  if (text.length <= most) return { shown: text, rest: "" };
  const isWithinPair = /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(most - 1, most + 1));
  const at = isWithinPair ? most - 1 : most;
  return { shown: text.slice(0, at), rest: text.slice(at) };
}

/** The mark at the end of a cut text, with the number of characters beyond it. */
export function restMark(count: number): string {
  return `… ${count.toLocaleString("en")} more ${count === 1 ? "character" : "characters"}`;
}

function codePoints(run: string): string {
  let shown = "";
  for (const character of run) {
    const code = character.codePointAt(0) ?? 0;
    shown += controlMarks[code] ?? codePointMark(code);
  }
  return shown;
}

function codePointMark(code: number): string {
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
