/** A part of a text that is shown by itself, so that no row is long and only the last one grows. */
export interface TextPiece {
  text: string;
  /** The line that opened the code block in which the piece begins; empty where it begins in none. */
  fence: string;
}

/** A piece that is longer is divided. */
export const LONGEST_PIECE = 3000;
/** Shorter ones are not made where it can be helped: what belongs together is laid out together. */
const SHORTEST_PIECE = 1000;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Divides a text of Markdown between its paragraphs, inside of a long code block between its lines, and
 * only where there is neither, between words. The pieces add up to the text.
 */
export function divide(text: string, fence = ""): TextPiece[] {
  const pieces: TextPiece[] = [];
  let rest: TextPiece = { text, fence };
  while (rest.text.length > LONGEST_PIECE) {
    const { at, fence: next } = placeToCut(rest);
    pieces.push({ text: rest.text.slice(0, at), fence: rest.fence });
    rest = { text: rest.text.slice(at), fence: next };
  }
  pieces.push(rest);
  return pieces;
}

/** A piece as Markdown that stands for itself. */
export function asMarkdown({ text, fence }: TextPiece): string {
  return fence === "" ? text : `${fence}\n${text}`;
}

interface Cut {
  at: number;
  fence: string;
}

function placeToCut({ text, fence }: TextPiece): Cut {
  let open = fence;
  let best: Cut | undefined;
  let line: Cut | undefined;
  let wasBlank = false;
  for (let at = 0; at < LONGEST_PIECE;) {
    const end = text.indexOf("\n", at);
    const next = end === -1 ? text.length : end + 1;
    const current = text.slice(at, Math.min(next, at + 200)).trimEnd();
    if (at >= SHORTEST_PIECE) {
      line = { at, fence: open };
      // What is indented goes on with a list.
      if (open === "" && wasBlank && current !== "" && !/^\s/.test(current)) best = line;
    }
    open = afterLine(open, current);
    wasBlank = current === "";
    at = next;
  }
  const between = Math.max(text.lastIndexOf(" ", LONGEST_PIECE), SHORTEST_PIECE);
  return best ?? line ?? { at: whole(text, between), fence: open === fence ? fence : "" };
}

function afterLine(open: string, line: string): string {
  const [, marks] = FENCE.exec(line) ?? [];
  if (marks === undefined) return open;
  if (open === "") return line;
  const [, opened = ""] = FENCE.exec(open) ?? [];
  return line.trim().startsWith(opened) && line.trim() === marks ? "" : open;
}

/** Never within a pair of surrogates. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
