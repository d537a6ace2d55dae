import { withoutEscapes } from "../../io/shown-text.ts";

// What an agent says must not drive the terminal that shows it: move the cursor, set the title, fill
// the clipboard, hide a part of a command, or turn its letters round.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
const PICTURES = 0x2400;
const DELETE = 0x7f;

/** Text of which each control character is shown as a picture of it; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(CONTROL, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(PICTURES + code);
    if (code === DELETE) return "\u2421";
    return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** As `printable`, but whole escape sequences, such as the colours of a command's output, are left out. */
export function uncoloured(text: string): string {
  return printable(withoutEscapes(text));
}

/** Text in one line of at most so many characters. */
export function oneLine(text: string, length: number): string {
  const line = printable(text)
    .trim()
    .replaceAll(/(?<!\s)\s*\n\s*/g, " ⏎ ")
    .replaceAll("\t", " ");
  const characters = Array.from(line);
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}

/** Lines of which the middle is left out where there are more than `head` and `tail`. */
export function bounded(lines: string[], head: number, tail: number): string[] {
  const left = lines.length - head - tail;
  if (left <= 1) return lines;
  return [...lines.slice(0, head), `… ${left} more lines`, ...lines.slice(lines.length - tail)];
}
