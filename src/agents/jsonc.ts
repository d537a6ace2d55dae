/**
 * Strings first, so that text in one is not taken for a comment. A string or comment without an end
 * reaches to the end of the text: otherwise each quotation mark in it would begin another search.
 */
const TOKENS = /("(?:\\[^]|[^"\\])*(?:"|\\?$))|\/\/[^\n]*|\/\*[^]*?(?:\*\/|($))/g;
const COMMAS = /("(?:\\[^]|[^"\\])*(?:"|\\?$))|,(?=\s*[}\]])/g;

/** Reads JSON with comments and commas at the end of lists, as settings are written by hand. */
export function parseJsonc(text: string): unknown {
  const bare = text
    .replace(/^\uFEFF/, "")
    .replace(TOKENS, (token: string, string?: string, open?: string) =>
      open === undefined ? (string ?? "") : token,
    )
    .replace(COMMAS, (_comma: string, string?: string) => string ?? "");
  return bare.trim() === "" ? {} : JSON.parse(bare);
}
