/** Waits for a promise, but no longer than until the deadline; gives whether it was in time. */
export async function within(work: Promise<unknown>, deadline: AbortSignal): Promise<boolean> {
  if (deadline.aborted) return false;
  const late = Promise.withResolvers<false>();
  const give = (): void => late.resolve(false);
  deadline.addEventListener("abort", give);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    deadline.removeEventListener("abort", give);
  }
}

/**
 * Waits for a promise, at most until a signal aborts. The abort does not stop the work.
 *
 * @throws the signal's reason when it aborts first
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // After an abort its failure concerns no caller.
  work.catch(() => undefined);
  await within(work, signal);
  signal.throwIfAborted();
  return await work;
}
