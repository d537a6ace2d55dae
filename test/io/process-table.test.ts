import { describe, expect, test } from "vitest";
import { ownerMarker } from "../../src/io/owner.ts";
import {
  descendants,
  findMarked,
  findProcess,
  listProcesses,
  signalProcess,
} from "../../src/io/process-table.ts";
import { listFromPs } from "../../src/io/ps.ts";
import { FixtureChild, isAlive } from "./fixtures.ts";

describe("the table of processes", () => {
  test("has a child with its parent, its own group and its own session", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    const table = await listProcesses();
    const { pid } = run.child;
    const entry = table.find((each) => each.pid === pid);
    expect(entry).toMatchObject({ ppid: process.pid, pgid: pid, session: pid });
    expect(await findProcess(Number(pid))).toMatchObject({ startTime: entry?.startTime });
  });

  test("finds descendants of descendants, also in sessions of their own", async () => {
    await using run = new FixtureChild("leaves-grandchild.mjs", ["own-session"]);
    const grandchild = Number(await run.line(0));
    const found = descendants(process.pid, await listProcesses()).map((entry) => entry.pid);
    expect(found).toContain(run.child.pid);
    expect(found).toContain(grandchild);
    expect(found).not.toContain(process.pid);
  });

  test("finds by its environment a process that init has adopted", async () => {
    const marker = await ownerMarker("adopted");
    await using run = new FixtureChild("leaves-grandchild.mjs", ["own-session", "exits"], {
      marker,
    });
    await run.child.exited;
    const grandchild = Number(run.lines[0]);
    const table = await listProcesses();
    const marked = await findMarked("SBXA_OWNER", (value) => value === marker, table);
    expect([...marked]).toEqual([[grandchild, marker]]);
    expect(table.find((entry) => entry.pid === grandchild)?.ppid).not.toBe(run.child.pid);
  });

  test("is the same from ps, for systems without /proc", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    const { pid } = run.child;
    const entry = (await listFromPs()).find((each) => each.pid === pid);
    expect(entry).toMatchObject({ ppid: process.pid, pgid: pid, session: 0 });
    const age = Date.now() / 1000 - Number(entry?.startTime);
    expect(Math.abs(age)).toBeLessThan(60);
  });

  test("never signals a process that only has the pid of the one that was meant", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    const entry = await findProcess(Number(run.child.pid));
    if (entry === undefined) throw new Error("the child is gone");
    expect(await signalProcess({ ...entry, startTime: "1" }, "SIGKILL")).toBe(false);
    expect(await isAlive(entry.pid)).toBe(true);
    expect(await signalProcess(entry, "SIGKILL")).toBe(true);
    expect(await run.child.exited).toEqual({ code: null, signal: "SIGKILL" });
  });
});
