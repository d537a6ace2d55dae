/** Whoever read our stdout went away: nothing to complain of, and nothing more to do. */
export class OutputGone extends Error {
  override readonly name = "OutputGone";
}

/** Writes to stdout, no faster than its reader takes it; rejects with `OutputGone` when he has left. */
export async function print(text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Without a listener the error would also end the process as an unhandled event.
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => {});
  process.stdout.write(text, (error) => (error ? reject(new OutputGone()) : resolve()));
  await promise;
}

/** A value as JSON that a person can read, and that drives no terminal. */
export function readableJson(value: unknown): string {
  return `${harmless(JSON.stringify(value, null, 2))}\n`;
}

/** A value as a line of JSON that drives no terminal. */
export function jsonLine(value: unknown): string {
  return `${harmless(JSON.stringify(value))}\n`;
}

/** JSON leaves these characters as they are; all stand within texts, where an escape means the same. */
function harmless(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
