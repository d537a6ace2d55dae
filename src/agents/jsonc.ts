// Strings come first, so that a comment inside of a string is kept. A string or comment without an
// end reaches to the end of the text: otherwise each of its characters would be tried as a start.
const TOKENS = /("(?:\\[\s\S]|[^"\\])*"?)|\/\/[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)/g;
const COMMAS = /("(?:\\[\s\S]|[^"\\])*"?)|,(?=\s*[}\]])/g;

/** Reads JSON with comments and commas at the end of lists, as settings are written by hand. */
export function parseJsonc(text: string): unknown {
  const kept = (_match: string, string: string | undefined): string => string ?? "";
  const bare = text
    .replace(/^\uFEFF/, "")
    .replace(TOKENS, kept)
    .replace(COMMAS, kept);
  return bare.trim() === "" ? {} : JSON.parse(bare);
}
