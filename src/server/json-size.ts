const QUOTE = 34;
const BACKSLASH = 92;

/** Marks that come with a value of JSON: `,` `:` `[` `{`. */
const MARKS = new Uint8Array(256);
for (const mark of ",:[{") MARKS[mark.charCodeAt(0)] = 1;

/**
 * True if a JSON text has more members, elements and containers than `limit`. Only scans the bytes,
 * because parsing and validating many values takes a multiple of their memory.
 */
export function hasMoreValues(bytes: Uint8Array, limit: number): boolean {
  let count = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === QUOTE) index = endOfString(bytes, index + 1);
    else if (MARKS[byte] === 1 && ++count > limit) return true;
  }
  return false;
}

/** The index of the quote that ends a string. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start;
  while (index < bytes.length && bytes[index] !== QUOTE) {
    index += bytes[index] === BACKSLASH ? 2 : 1;
  }
  return index;
}
