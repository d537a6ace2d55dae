/**
 * Names one exact request: what is asked for and with which input, members in any order. Two
 * requests with the same key are the same request, so "always" for one holds for the other.
 */
export function memoryKey(action: string, input: unknown): string {
  return `${action} ${JSON.stringify(sorted(input))}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // A list of pairs, not an object: no member can be mistaken for another or be lost.
  return {
    members: Object.entries(value)
      .toSorted(byName)
      .map(([key, member]) => [key, sorted(member)]),
  };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
