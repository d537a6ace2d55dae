import { ask, eventCount, send } from "./support/client.ts";
import { type Measure, median, perTarget, repeat } from "./support/measure.ts";
import { Reader, timeUntil } from "./support/reader.ts";
import { Daemon } from "./support/target.ts";
import { warmedUp } from "./ingest.ts";

const EVENTS = 100_000;

/** Reading a long log that is there. */
export const replayMeasures: Measure[] = [
  {
    name: "replay-sse",
    method: "all of 100,000 events by SSE on a bare connection, median of 5",
    unit: "ms",
    lessIsBetter: true,
    run: async (target, scale) => ({ value: (await replays(target, scale)).sse }),
  },
  {
    name: "replay-poll",
    method: "all of 100,000 events by one GET on a bare connection, median of 5",
    unit: "ms",
    lessIsBetter: true,
    run: async (target, scale) => ({ value: (await replays(target, scale)).poll }),
  },
  {
    name: "page",
    method: "10 deltas at the end of 100,000 by GET on a kept connection, median of 300",
    unit: "ms",
    lessIsBetter: true,
    run: async (target, scale) => ({ value: (await replays(target, scale)).page }),
  },
];

/** Reads one log in each way; milliseconds. */
const replays = perTarget(async (target, { quick }) => {
  await using daemon = await Daemon.start(target);
  const offset = await warmedUp(daemon);
  const reader = await Reader.open(daemon, "s", offset, { count: false });
  await send(daemon, "s", `deltas ${quick ? EVENTS / 100 : EVENTS}`);
  await reader.done;
  const last = await eventCount(daemon, "s");
  const path = "/v1/sessions/s/events";
  // Both on a bare connection: an HTTP client takes longer over such an answer than the daemon.
  const sse = await repeat(quick ? 1 : 5, () =>
    timeUntil(daemon, `${path}/sse?offset=0`, `"sequence":${last},`),
  );
  const poll = await repeat(quick ? 1 : 5, () => timeUntil(daemon, path, '"hasMore":false}'));
  // Before the end: the completed message repeats all of the text.
  const page = await repeat(quick ? 3 : 300, () =>
    timed(() => ask(daemon, "GET", `${path}?offset=${last - 20}&limit=10`)),
  );
  return { sse: median(sse), poll: median(poll), page: median(page) };
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
