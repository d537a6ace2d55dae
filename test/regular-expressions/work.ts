import type { FoundExpression } from "./find.ts";

/** Runs an expression over a text as the sources do. */
export function apply({ regex, splits }: FoundExpression, text: string): void {
  if (!regex) return;
  if (splits) text.split(regex);
  else if (regex.global) text.replace(regex, "");
  else regex.exec(text);
}

/** Returns the milliseconds that pass while something runs. */
export function elapsedMs(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Returns the processor time that one run takes, in milliseconds. */
export function processorMs(run: () => void): number {
  const start = process.threadCpuUsage();
  run();
  return spentMs(start);
}

/** Returns the processor time of this thread since a reading, in milliseconds. */
function spentMs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

/** The clock of a thread goes by hundredths of a second on some systems. */
const ENOUGH_MS = 60;

/** Returns the processor time of one run, in milliseconds: the mean of as many as can be measured. */
export function workMs(run: () => void): number {
  run();
  const start = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    run();
    const spent = spentMs(start);
    if (spent >= ENOUGH_MS) return spent / runs;
  }
}
