import { describe, expect, test } from "vitest";
import { isOwnerAlive, ownerMarker, ownerPrefix, sweepOrphans } from "../../src/io/owner.ts";
import { findProcess } from "../../src/io/process-table.ts";
import { FixtureChild, isAlive } from "./fixtures.ts";

/** Other daemons of this machine sweep too: what this file leaves lying is named otherwise. */
const variable = `SBXA_TEST_${process.pid}`;

/** A process that init has adopted and that says it belongs to this owner. */
async function leftBehind(owner: string): Promise<{ pid: number; run: FixtureChild }> {
  const run = new FixtureChild("leaves-grandchild.mjs", ["own-session", "exits"], {
    env: { PATH: "/usr/bin:/bin", [variable]: owner },
    // By this the test itself ends it, and the daemons of other tests leave it alone.
    marker: await ownerMarker("test"),
  });
  await run.child.exited;
  return { pid: Number(run.lines[0]), run };
}

/** Markers of daemons that are no more. */
async function deadMarkers(): Promise<[string, string][]> {
  const [pid = "", startTime = "", boot = ""] = (await ownerPrefix()).split(":");
  await using gone = new FixtureChild("exits.sh", ["0"]);
  await gone.child.exited;
  const namespace = boot.split("@")[1];
  return [
    ["pid is gone", `${gone.child.pid}:${startTime}:${boot}:x`],
    ["pid is another's now", `${pid}:${Number(startTime) - 1}:${boot}:x`],
    ["machine was restarted", `${pid}:${startTime}:0-0-0@${namespace}:x`],
  ];
}

describe("a marker", () => {
  test("names this daemon, is never the same twice, and has no sign that would break it", async () => {
    const first = await ownerMarker("claude 1:2");
    expect(first).not.toBe(await ownerMarker("claude 1:2"));
    const start = (await findProcess(process.pid))?.startTime;
    expect(first).toMatch(new RegExp(`^${process.pid}:${start}:[^:]+:claude_1_2\\.[0-9a-f]{8}$`));
    expect(await isOwnerAlive(first)).toBe(true);
  });

  test("of a daemon that is no more is told from one that lives", async () => {
    for (const [why, marker] of await deadMarkers()) {
      expect([why, await isOwnerAlive(marker)]).toEqual([why, false]);
    }
  });

  test("that is not ours to judge counts as alive", async () => {
    const [pid, start, boot = ""] = (await ownerPrefix()).split(":");
    const elsewhere = `${pid}:${Number(start) - 1}:${boot.split("@")[0]}@1:x`;
    expect(await isOwnerAlive(elsewhere)).toBe(true);
    expect(await isOwnerAlive("no marker")).toBe(true);
  });
});

describe("a sweep", () => {
  test("ends what dead daemons left and nothing of the living ones", async () => {
    await using otherDaemon = new FixtureChild("ignores-sigterm.mjs");
    const other = await findProcess(Number(otherDaemon.child.pid));
    const boot = (await ownerPrefix()).split(":")[2];
    const living = [await ownerMarker("mine"), `${other?.pid}:${other?.startTime}:${boot}:x`];
    const dead = (await deadMarkers()).map(([, marker]) => marker);
    await using stack = new AsyncDisposableStack();
    const pids: number[] = [];
    for (const owner of [...living, ...dead]) {
      const { pid, run } = await leftBehind(owner);
      stack.use(run);
      pids.push(pid);
    }
    expect(await Promise.all(pids.map(isAlive))).toEqual(pids.map(() => true));
    const swept = await sweepOrphans({ variable });
    expect(new Set(swept)).toEqual(new Set(pids.slice(living.length)));
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, false, false, false]);
    expect(await sweepOrphans({ variable })).toEqual([]);
  });

  test("spares the daemon that sweeps, though an agent of a dead one started it", async () => {
    const [[, dead] = ["", ""]] = await deadMarkers();
    await using run = new FixtureChild("sweeps.ts", [variable], {
      env: { PATH: "/usr/bin:/bin", [variable]: dead },
    });
    expect(await run.child.exited).toEqual({ code: 0, signal: null });
    expect(run.lines).toEqual(["[]"]);
  });
});
