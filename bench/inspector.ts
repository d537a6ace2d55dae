import type { Page } from "playwright-core";
import { eventCount, send } from "./support/client.ts";
import {
  type Measure,
  median,
  percentile,
  perTarget,
  repeat,
  type Scale,
} from "./support/measure.ts";
import { Reader } from "./support/reader.ts";
import { Daemon, type Target } from "./support/target.ts";
import { warmedUp } from "./ingest.ts";

const TURNS = 100;
const DELTAS = 1000;
/** Of the stand-in's `steady`. */
const PER_SECOND = 5000;
const FOLLOWED = 10 * PER_SECOND;

/** The page with a long log in it, in a Chromium without a screen. */
export const inspectorMeasures: Measure[] = [
  {
    name: "inspector-open",
    method: "/ui/ with a session of 100,000 events, from the address to its last rows, median of 5",
    unit: "ms",
    lessIsBetter: true,
    once: true,
    run: async (target, scale) => ({ value: (await seen(target, scale)).openMs }),
  },
  {
    name: "inspector-read",
    method: "the same, until the page has read all of its events",
    unit: "ms",
    lessIsBetter: true,
    once: true,
    run: async (target, scale) => ({ value: (await seen(target, scale)).readMs }),
  },
  {
    name: "inspector-heap",
    method: "JavaScript heap of that page after collection, 50,000 further events followed",
    unit: "MB",
    lessIsBetter: true,
    once: true,
    run: async (target, scale) => ({ value: (await seen(target, scale)).heapBytes / 1e6 }),
  },
  {
    name: "inspector-frame",
    method: "between two frames of that page while the agent says 5,000 events/s for 10 s, p95",
    unit: "ms",
    lessIsBetter: true,
    once: true,
    async run(target, scale) {
      const { frames, perSecond } = await seen(target, scale);
      const note = `${Math.round(perSecond).toLocaleString("en")} events/s followed`;
      return { value: percentile(frames, 95), note };
    },
  },
  {
    name: "inspector-task",
    method: "longest task of that page meanwhile; browsers tell of none below 50 ms",
    unit: "ms",
    lessIsBetter: true,
    once: true,
    run: async (target, scale) => ({ value: Math.max(50, ...(await seen(target, scale)).tasks) }),
  },
];

interface Seen {
  openMs: number;
  readMs: number;
  heapBytes: number;
  /** Milliseconds between frames, and of long tasks. */
  frames: number[];
  tasks: number[];
  perSecond: number;
}

const seen = perTarget(async (target: Target, { quick }: Scale): Promise<Seen> => {
  const { startInspectorBrowser } = await import("../test/support/inspector.ts");
  await using browser = await startInspectorBrowser();
  await using daemon = await Daemon.start(target);
  let offset = await warmedUp(daemon);
  const turns = quick ? 5 : TURNS;
  for (let turn = 0; turn < turns; turn++) offset = await say(daemon, offset, `deltas ${DELTAS}`);
  const address = `${daemon.url}/ui/sessions/s`;
  const opened = await repeat(quick ? 1 : 5, async () => {
    await using tab = await browser.open("about:blank");
    await tab.page.goto(address, { waitUntil: "commit" });
    const openMs = await untilRows(tab.page);
    await tab.page.locator(".earlier").waitFor({ state: "detached" });
    return { openMs, readMs: await tab.page.evaluate(() => performance.now()) };
  });
  await using tab = await browser.open(address);
  const { page } = tab;
  await untilRows(page);
  await page.locator(".earlier").waitFor({ state: "detached" });
  await page.evaluate(watch);
  const count = quick ? FOLLOWED / 20 : FOLLOWED;
  await send(daemon, "s", `steady ${count}`);
  await page.waitForFunction(
    (words) => document.querySelector("[aria-live]")?.textContent === words,
    `Turn ${turns + 2} has ended.`,
    { timeout: 60_000, polling: 50 },
  );
  const watched = await page.evaluate<Watched>("globalThis.watched");
  const times = watched.frames;
  const frames = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
  const perSecond = count / seconds;
  return {
    openMs: median(opened.map(({ openMs }) => openMs)),
    readMs: median(opened.map(({ readMs }) => readMs)),
    heapBytes: usedSize,
    frames,
    tasks: watched.tasks,
    perSecond,
  };
});

/** Sends a message and waits for its turn's end; gives the place after it. */
async function say(daemon: Daemon, offset: number, message: string): Promise<number> {
  const reader = await Reader.open(daemon, "s", offset, { count: false });
  await send(daemon, "s", message);
  await reader.done;
  return await eventCount(daemon, "s");
}

/** Milliseconds from the beginning of a page's loading to the frame that has rows. */
function untilRows(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelector(".scroll-row")) requestAnimationFrame(resolve);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

interface Watched {
  frames: number[];
  tasks: number[];
}

/** Notes in the page when its frames begin, and its long tasks. */
function watch(): void {
  const watched: Watched = { frames: [], tasks: [] };
  Object.assign(globalThis, { watched });
  const note = (time: number) => {
    watched.frames.push(time);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.tasks.push(duration);
  }).observe({ type: "longtask" });
}
