/** NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR, which JSON may contain as they are. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

/**
 * Escapes the characters in a JSON text that some line readers take for the end of a line, such as
 * Python's `str.splitlines`. The value of the text does not change.
 */
export function escapeLineEnds(json: string): string {
  return json.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
