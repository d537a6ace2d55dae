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

/** Writes a value as JSON that a person can read. */
export async function printJson(value: unknown): Promise<void> {
  await print(`${JSON.stringify(value, null, 2)}\n`);
}
