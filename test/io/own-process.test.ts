import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { loadLibc } from "../../src/io/libc.ts";
import { makeUnreadable, Subreaper } from "../../src/io/own-process.ts";
import { findProcess } from "../../src/io/process-table.ts";
import { fixture, FixtureChild, isAlive } from "./fixtures.ts";

const bun = join(
  dirname(createRequire(import.meta.url).resolve("bun/package.json")),
  "bin/bun.exe",
);
const Started = z.object({
  unreadable: z.boolean(),
  dumpable: z.object({ before: z.number(), after: z.number() }),
  orphans: z.tuple([z.number(), z.number()]),
  exitCodes: z.array(z.number()),
});

async function start() {
  const child = new FixtureChild("own-process.ts", [], {
    file: bun,
    args: [fixture("own-process.ts")],
  });
  return { child, ...Started.parse(JSON.parse(await child.text(0))) };
}

it("Subreaper adopts orphans, reaps the dead ones and ends the others at disposal", async () => {
  const { child: run, orphans, exitCodes } = await start();
  await using _run = run;
  const [sleeping, exited] = orphans;
  const pid = Number(run.child.pid);
  await expect.poll(async () => (await findProcess(sleeping))?.ppid).toBe(pid);
  await expect.poll(() => existsSync(`/proc/${exited}`)).toBe(false);
  // The runtime has reaped its own children itself.
  expect(exitCodes).toEqual(Array.from({ length: 20 }, () => 7));
  await run.child.end({ graceMs: 10_000 });
  expect(await isAlive(sleeping)).toBe(false);
});

it("makeUnreadable denies other processes of the same user", async () => {
  const { child: run, unreadable, dumpable } = await start();
  await using _run = run;
  expect(unreadable).toBe(true);
  expect(dumpable).toEqual({ before: 1, after: 0 });
});

it("loadLibc returns undefined on Node", async () => {
  const libc = await loadLibc();
  expect(libc).toBeUndefined();
  expect(makeUnreadable(libc)).toBe(false);
  expect(Subreaper.start(libc)).toBeUndefined();
});
