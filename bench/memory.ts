import { setTimeout as sleep } from "node:timers/promises";
import { createMany, send } from "./support/client.ts";
import { type Measure, median, repeat } from "./support/measure.ts";
import { Reader } from "./support/reader.ts";
import { Daemon } from "./support/target.ts";
import { warmedUp } from "./ingest.ts";

const MB = 1e6;

/** What events and sessions cost. */
export const memoryMeasures: Measure[] = [
  {
    name: "event-memory",
    method:
      "resident memory 5 s after 100,000 deltas of 27 characters less before, by event, raw payload kept, median of 5",
    unit: "B/event",
    lessIsBetter: true,
    async run(target, { quick }) {
      const count = quick ? 1000 : 100_000;
      const values = await repeat(quick ? 1 : 5, async () => {
        await using daemon = await Daemon.start(target);
        const offset = await warmedUp(daemon);
        await sleep(quick ? 100 : 2000);
        const before = await daemon.residentBytes();
        const reader = await Reader.open(daemon, "s", offset, { count: false });
        await send(daemon, "s", `deltas ${count}`);
        await reader.done;
        await sleep(quick ? 100 : 5000);
        return ((await daemon.residentBytes()) - before) / count;
      });
      return { value: median(values) };
    },
  },
  {
    name: "idle-sessions",
    method: "resident memory 5 s after the creation of 2,000 sessions of the mock less before",
    unit: "MB",
    lessIsBetter: true,
    async run(target, { quick }) {
      await using daemon = await Daemon.start(target);
      await createMany(daemon, 10, "first");
      await sleep(quick ? 100 : 2000);
      const before = await daemon.residentBytes();
      await createMany(daemon, quick ? 20 : 2000, "idle");
      await sleep(quick ? 100 : 5000);
      return { value: ((await daemon.residentBytes()) - before) / MB };
    },
  },
  {
    name: "create",
    method: "creation of 5,000 sessions of the mock over 16 kept connections",
    unit: "sessions/s",
    async run(target, { quick }) {
      await using daemon = await Daemon.start(target);
      await createMany(daemon, quick ? 50 : 500, "warm");
      const count = quick ? 50 : 5000;
      const begun = performance.now();
      await createMany(daemon, count, "c");
      return { value: (count / (performance.now() - begun)) * 1000 };
    },
  },
];
