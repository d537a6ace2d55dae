/** Exit code after a second signal: as if the first had killed the process. */
const KILLED = 130;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(KILLED);
    stopping = true;
    resolve(signal);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return promise;
}
