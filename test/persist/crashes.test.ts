import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { SqliteStore } from "../../src/persist/sqlite.ts";
import { Consumer } from "../support/consumer.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { flood } from "../support/flood.ts";
import { listeningApp } from "../support/listening-app.ts";
import { Random } from "../support/random.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { expectWhole } from "../support/stored-log.ts";

const bun = join(import.meta.dirname, "../../node_modules/.bin/bun");
const KILLS = 15;
const CUTS = 30;

it.each([
  ["node:sqlite", process.execPath],
  ["bun:sqlite", bun],
])(
  `%s: ${KILLS} killed consumers and ${CUTS} cut connections lose and double no event`,
  async (_, runtime) => {
    await using home = await temporaryHome();
    await using app = await listeningApp();
    await using proxy = await CuttingProxy.start(app.url);
    const random = new Random();
    console.log(`SEED=${random.seed}`);
    await app.createSession("s");
    const session = app.sessions.peek("s");
    const stop = new AbortController();
    const flooding = flood(session, stop.signal);
    const file = join(home.work, "events.db");
    const start = () =>
      new Consumer(runtime, { daemonUrl: proxy.url, sessionId: "s", store: file });

    const cutting = async () => {
      while (proxy.cuts < CUTS && !stop.signal.aborted) {
        // The moment of the cut is the stimulus.
        await sleep(random.below(100));
        proxy.cut((count) => random.below(count));
      }
    };
    const killing = async () => {
      for (let kills = 0; kills < KILLS; kills++) {
        await using consumer = start();
        await consumer.stores;
        // The moment of the kill is the stimulus.
        await sleep(random.below(100));
        await consumer.kill();
      }
    };
    const cuts = cutting();
    try {
      await killing();
      await using last = start();
      await cuts;
      stop.abort();
      await flooding;
      await session.terminate();
      await last.ended();
    } finally {
      stop.abort();
      await Promise.all([cuts, flooding]);
    }

    await using store = new SqliteStore(file);
    expect(await expectWhole(store, app.url, "s")).toBeGreaterThan(500);
    expect(proxy.cuts).toBe(CUTS);
  },
  300_000,
);
