/** Exit code after a second signal: as if the first had killed the process. */
const KILLED = 130;

/** What a server was told to stop by: a signal, or the end of its standard input. */
export type StopCause = NodeJS.Signals | "stdin";

/**
 * Resolves at the first SIGTERM or SIGINT, and where it is wanted at the end of standard input, which
 * comes also when whoever holds the other end is killed. A second signal ends the process at once.
 */
export function stopSignal({ withStdin }: { withStdin: boolean }): Promise<StopCause> {
  const { promise, resolve } = Promise.withResolvers<StopCause>();
  let signalled = false;
  const stop = (signal: NodeJS.Signals) => {
    if (signalled) process.exit(KILLED);
    signalled = true;
    resolve(signal);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (withStdin) {
    for (const end of ["end", "close", "error"]) process.stdin.on(end, () => resolve("stdin"));
    process.stdin.resume();
  }
  return promise;
}
