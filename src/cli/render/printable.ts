import { withoutEscapes } from "../../io/shown-text.ts";
import { cutText, restMark, visibleText } from "../../io/visible-text.ts";

/** A message: lines in which characters that drive or deceive a terminal are code points. */
export function printable(text: string): string {
  return visibleText(withLineFeeds(text), "prose");
}

/** Output of a program or an error: format characters are code points as well. */
export function printableOutput(text: string): string {
  return visibleText(withLineFeeds(text), "output");
}

/** As `printableOutput`, without escape sequences such as the colours of a command's output. */
export function uncoloured(text: string): string {
  return printableOutput(withoutEscapes(text));
}

/** A carriage return moves the cursor of a terminal, so it begins a line here. */
function withLineFeeds(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

/** More of a text than this is not looked at for a line of one character. */
const LOOKED_AT = 20;

/** Text in one line of at most `length` characters, and how many more there are. */
export function oneLine(text: string, length: number): string {
  const { shown, rest } = cutText(text, LOOKED_AT * length);
  const line = visibleText(withLineFeeds(shown), "code")
    .split("\n")
    .map((part) => part.replaceAll("\t", " ").trim())
    .filter((part) => part !== "")
    .join(" ⏎ ");
  return shortened(line, length, rest.length);
}

/** The first `length` characters of a line, and how many more there are with the `others`. */
export function shortened(line: string, length: number, others = 0): string {
  const characters = Array.from(line);
  const left = Math.max(0, characters.length - length) + others;
  if (left === 0) return line;
  return `${characters.slice(0, length).join("")}${restMark(left)}`;
}

/** Lines of which the middle is left out where there are more than `head` and `tail`. */
export function bounded(lines: string[], head: number, tail: number): string[] {
  const left = lines.length - head - tail;
  if (left <= 1) return lines;
  return [...lines.slice(0, head), `… ${left} more lines`, ...lines.slice(lines.length - tail)];
}
