import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSession, eventCount, openStream, send } from "./support/client.ts";
import { type Measure, median, percentile, perTarget, repeat } from "./support/measure.ts";
import { Reader } from "./support/reader.ts";
import { Daemon, type Target } from "./support/target.ts";

const DELTA_LINE = /"delta":"t=(\d+) "/g;

/** From what the agent prints to what readers are given. */
export const ingestMeasures: Measure[] = [
  {
    name: "stand-in",
    method: "what the stand-in agent prints into a pipe when nobody else is there, 1M deltas",
    unit: "deltas/s",
    once: true,
    async run(_, { quick }) {
      return { value: await standInAlone(quick ? 10_000 : 1_000_000) };
    },
  },
  ingest(1, 100_000),
  ingest(20, 100_000),
  ingest(200, 10_000),
  {
    name: "slow-reader",
    method:
      "of 20,000 deltas, what a reader is given that waits 2 s and then rests after each piece",
    unit: "deltas",
    async run(target, { quick }) {
      const count = quick ? 2000 : 20_000;
      await using daemon = await Daemon.start(target);
      const offset = await warmedUp(daemon);
      const stream = await Reader.open(daemon, "s", offset, { count: true, pauseMs: 20 });
      await send(daemon, "s", `deltas ${count}`);
      await sleep(quick ? 100 : 2000);
      const { deltas } = (await stream.done).tally();
      return { value: quick ? deltas * 10 : deltas };
    },
  },
  latency("p50", 50),
  latency("p99", 99),
];

function ingest(readers: number, deltas: number): Measure {
  const many = deltas.toLocaleString("en");
  return {
    name: `ingest-${readers}`,
    method: `${many} deltas from the agent's stdout to ${readers} SSE reader${readers > 1 ? "s" : ""}, POST to the last one's end, median of 5`,
    unit: "events/s",
    async run(target, { quick }) {
      const count = quick ? deltas / 100 : deltas;
      const runs = await repeat(quick ? 1 : 5, () => flood(target, readers, count));
      const lost = Math.max(...runs.map((run) => run.lost));
      const note = lost > 0 ? `${lost} of ${count} lost` : "none lost";
      return { value: median(runs.map((run) => run.perSecond)), note };
    },
  };
}

/** One flood of deltas, in a daemon of its own. */
async function flood(target: Target, readers: number, count: number) {
  await using daemon = await Daemon.start(target);
  const offset = await warmedUp(daemon);
  const open = await repeat(readers, (index) =>
    Reader.open(daemon, "s", offset, { count: index === 0 }),
  );
  await sleep(200);
  const begun = performance.now();
  await send(daemon, "s", `deltas ${count}`);
  const reads = await Promise.all(open.map((reader) => reader.done));
  const seconds = (Math.max(...reads.map((read) => read.endedAt)) - begun) / 1000;
  // The first has looked at each; the others must have been given as much, in bytes.
  const [first] = reads;
  const bytes = Math.min(...reads.map((read) => read.bytes));
  const share = Math.min(1, bytes / (first?.bytes ?? bytes));
  const { deltas = 0, misplaced = 0 } = first?.tally() ?? {};
  if (deltas === 0) throw new Error("no delta came");
  const lost = Math.round(count - deltas * share);
  return { perSecond: count / seconds, lost: Math.max(lost, misplaced) };
}

/** A session whose agent has started; gives the place after its first turn. */
export async function warmedUp(daemon: Daemon): Promise<number> {
  await createSession(daemon, "s", "claude");
  const reader = await Reader.open(daemon, "s", 0, { count: false });
  await send(daemon, "s", "deltas 10");
  await reader.done;
  await sleep(100);
  return await eventCount(daemon, "s");
}

function latency(name: string, percent: number): Measure {
  return {
    name: `latency-${name}`,
    method: `a delta printed to the same delta read, ${name} of 3,000 at about 900/s`,
    unit: "ms",
    lessIsBetter: true,
    async run(target, scale) {
      return { value: percentile(await delays(target, scale), percent) };
    },
  };
}

/** How long each of many deltas was on its way, in milliseconds. */
const delays = perTarget(async (target, { quick }) => {
  await using daemon = await Daemon.start(target);
  const offset = await warmedUp(daemon);
  const socket = await openStream(daemon, `/v1/sessions/s/events/sse?offset=${offset}`);
  await send(daemon, "s", `paced ${quick ? 200 : 3000}`);
  const found: number[] = [];
  for await (const piece of socket) {
    const now = (performance.timeOrigin + performance.now()) * 1000;
    const text = Buffer.from(piece).toString();
    for (const [, at] of text.matchAll(DELTA_LINE)) found.push((now - Number(at)) / 1000);
    if (text.includes('"type":"turn.ended"')) break;
  }
  socket.destroy();
  return found;
});

async function standInAlone(count: number): Promise<number> {
  const child = spawn(process.execPath, [
    join(import.meta.dirname, "stand-in.mjs"),
    `deltas ${count}`,
  ]);
  let begun = 0;
  child.stdout.on("data", () => (begun ||= performance.now()));
  await once(child, "exit");
  return (count / (performance.now() - begun)) * 1000;
}
