/** The longest text that `shown` returns for a value that is not a string. */
const MAX_CHARACTERS = 1000;

/**
 * A value of an agent as text: a string as it is, anything else as JSON of bounded length. `String`
 * would call a member named `toString`.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return value;
  const json = JSON.stringify(value) ?? "undefined";
  return json.length <= MAX_CHARACTERS ? json : `${json.slice(0, MAX_CHARACTERS)}…`;
}

/** The own member of a table under a foreign key: never one that every object inherits. */
export function ownMember<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
