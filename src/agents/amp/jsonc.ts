/** Strings first, so that what looks like a comment in one is none. */
const TOKENS = /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const COMMAS = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g;

/** Reads JSON with comments and commas at the end of lists, as settings are written by hand. */
export function parseJsonc(text: string): unknown {
  const kept = (_match: string, string: string | undefined): string => string ?? "";
  const bare = text
    .replace(/^\uFEFF/, "")
    .replace(TOKENS, kept)
    .replace(COMMAS, kept);
  return bare.trim() === "" ? {} : JSON.parse(bare);
}
