import type { Target } from "./target.ts";

/** How much is measured: all of it, or just enough to see that it works. */
export interface Scale {
  quick: boolean;
}

/** What a measure finds: its figure and, where something must be said beside it, a note. */
export interface Finding {
  value: number;
  note?: string;
}

/** One row of the table. */
export interface Measure {
  name: string;
  /** What is measured and how, in a few words. */
  method: string;
  unit: string;
  /** More is better, unless less is. */
  lessIsBetter?: true;
  /** Tells nothing of the daemon that is measured: made once. */
  once?: true;
  run(target: Target, scale: Scale): Promise<Finding>;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** Does something once for each daemon, whichever of the measures that it serves comes first. */
export function perTarget<T>(
  work: (target: Target, scale: Scale) => Promise<T>,
): (target: Target, scale: Scale) => Promise<T> {
  const done = new Map<Target, Promise<T>>();
  return (target, scale) => {
    const known = done.get(target) ?? work(target, scale);
    done.set(target, known);
    return known;
  };
}

/** Does something several times, one after the other. */
export async function repeat<T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < times; index++) results.push(await work(index));
  return results;
}
