import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What the probe in a daemon counts, garbage left out. */
export interface Inside {
  /** Armed timers, also those that do not keep the process alive. */
  timers: number;
  /** Listeners of all event emitters. */
  emitterListeners: number;
  /** Listeners of all event targets, abort signals above all. */
  targetListeners: number;
  heapBytes: number;
  /** Memory of buffers: the event logs', mostly. */
  bufferBytes: number;
  /** What keeps the process alive, by type, once for each. */
  resources: string[];
}

/** What a daemon holds at a moment, counted from inside and from outside. */
export interface Sample extends Omit<Inside, "resources"> {
  descriptors: number;
  sockets: number;
  resources: Record<string, number>;
  residentBytes: number;
}

/** What must not grow. */
export const counted = [
  "descriptors",
  "sockets",
  "timers",
  "emitterListeners",
  "targetListeners",
] as const;

/** Rest before a count, in which the timers of earlier work end. */
export const restMs = {
  /** Node's text of the date and the check of bodies take 1 s, the collection of garbage 2 s. */
  withReaders: 2100,
  /** The check of readers ends up to 5 s after the last reader. */
  withoutReaders: 5100,
};

const answerMs = 30_000;

/** Memory of a process that is really in use, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Counts the resources of an idle daemon after a rest of `ms`, until two counts agree. */
export async function sampleAtRest(pid: number, probeFile: string, ms: number): Promise<Sample> {
  await sleep(ms);
  let sample = await sampleNow(pid, probeFile);
  for (let tries = 0; tries < 10; tries++) {
    const next = await sampleNow(pid, probeFile);
    const same = counted.every((name) => next[name] === sample[name]);
    sample = next;
    if (same) break;
    await sleep(300);
  }
  return sample;
}

async function sampleNow(pid: number, probeFile: string): Promise<Sample> {
  const inside = await askProbe(pid, probeFile);
  const links = await openFiles(pid);
  const resources: Record<string, number> = {};
  for (const type of inside.resources) resources[type] = (resources[type] ?? 0) + 1;
  return {
    ...inside,
    descriptors: links.length,
    sockets: links.filter((link) => link.startsWith("socket:")).length,
    resources,
    residentBytes: await residentBytes(pid),
  };
}

async function askProbe(pid: number, file: string): Promise<Inside> {
  await rm(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const signal = AbortSignal.timeout(answerMs);
  for (;;) {
    await sleep(20, undefined, { signal });
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return JSON.parse(text);
  }
}

async function openFiles(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder);
  const links = names.map((name) => readlink(join(folder, name)).catch(() => undefined));
  return (await Promise.all(links)).filter((link) => link !== undefined);
}
