import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Bell } from "../../src/io/bell.ts";
import { PostgresStore } from "../../src/persist/postgres.ts";
import { Consumer } from "../support/consumer.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { flood } from "../support/flood.ts";
import { listeningApp } from "../support/listening-app.ts";
import { Postgres } from "../support/postgres.ts";
import { Random } from "../support/random.ts";
import { expectWhole } from "../support/stored-log.ts";

const bun = join(import.meta.dirname, "../../node_modules/.bin/bun");
const KILLED_CONSUMERS = 60;
const CUTS = 100;
const KILLED_SERVERS = 40;

it(`${KILLED_CONSUMERS} killed consumers, ${CUTS} cut connections and ${KILLED_SERVERS} killed servers lose and double no event`, async () => {
  const random = new Random();
  console.log(`SEED=${random.seed}`);
  await using postgres = await Postgres.start();
  await using app = await listeningApp();
  await using proxy = await CuttingProxy.start(app.url);
  await app.createSession("s");
  const session = app.sessions.peek("s");
  const stop = new AbortController();
  const flooding = flood(session, stop.signal, 25);
  let kills = 0;
  const isEnough = () =>
    kills >= KILLED_CONSUMERS && proxy.cuts >= CUTS && postgres.kills >= KILLED_SERVERS;
  const again = () => !isEnough() && !stop.signal.aborted;

  const bell = new Bell();
  const start = (runtime: string) =>
    new Consumer(runtime, {
      daemonUrl: proxy.url,
      sessionId: "s",
      store: postgres.url,
      onStored: () => bell.ring(),
    });
  const consuming = async (runtime: string, longestLifeMs: number) => {
    while (again()) {
      await using consumer = start(runtime);
      await consumer.stores;
      // The moment of each kill and cut is the stimulus.
      await sleep(random.below(longestLifeMs));
      await consumer.kill();
      kills += 1;
    }
  };
  const cutting = async () => {
    while (again()) {
      await sleep(random.below(100));
      proxy.cut((count) => random.below(count));
    }
  };
  const crashing = async () => {
    while (again()) {
      // Not before something was stored since it was started.
      await bell.wait({ signal: stop.signal });
      await sleep(random.below(500));
      await postgres.kill();
      await postgres.restart();
    }
  };
  // Two follow the session at the same time, one of them in Bun.
  const disturbing = [
    consuming(bun, 200),
    consuming(process.execPath, 2000),
    cutting(),
    crashing(),
  ];
  try {
    await Promise.all(disturbing);
  } finally {
    stop.abort();
    await Promise.allSettled([...disturbing, flooding]);
  }
  await session.terminate();
  await using last = start(process.execPath);
  await last.ended();

  await using store = new PostgresStore(postgres.url);
  expect(await expectWhole(store, app.url, "s")).toBeGreaterThan(2000);
  expect(kills + proxy.cuts + postgres.kills).toBeGreaterThanOrEqual(200);
}, 240_000);
