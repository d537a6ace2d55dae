import { visibleJson } from "../io/visible-text.ts";

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

/** A value as indented JSON that drives no terminal. */
export function readableJson(value: unknown): string {
  return `${visibleJson(JSON.stringify(value, null, 2))}\n`;
}

/** A value as a line of JSON that drives no terminal. */
export function jsonLine(value: unknown): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}
