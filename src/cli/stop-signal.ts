import { readFileSync } from "node:fs";

/** Exit code after a second signal: as if the first had killed the process. */
const KILLED = 130;

/** What a server was told to stop by: a signal, or the end of its standard input. */
export type StopCause = NodeJS.Signals | "stdin";

/**
 * Resolves at the first SIGTERM, SIGINT or SIGHUP. With `withStdin` it also resolves at the end of
 * standard input, which comes when the process at the other end is killed. A second signal ends the
 * process at once.
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
  if (!isHangupIgnored()) process.on("SIGHUP", stop);
  if (withStdin) {
    for (const end of ["end", "close", "error"]) process.stdin.on(end, () => resolve("stdin"));
    process.stdin.resume();
  }
  return promise;
}

/**
 * Tests whether the process was started by `nohup`, whose purpose a handler would defeat. Node (24)
 * resets inherited dispositions, so that SIGHUP ends it even then.
 */
function isHangupIgnored(): boolean {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const [, ignored = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    // Bit 0 is signal 1, SIGHUP.
    return (Number.parseInt(ignored.slice(-1), 16) & 1) === 1;
  } catch {
    return false;
  }
}
