import { describe, expect, test } from "vitest";
import { Child, ChildGone } from "../../src/io/child.ts";
import { ownerMarker } from "../../src/io/owner.ts";
import { FixtureChild, fixture, isAlive } from "./fixtures.ts";

const MIB = 1024 * 1024;

describe("a child's words", () => {
  test("reach us with an unfinished last line, and stderr stays apart", async () => {
    await using run = new FixtureChild("exits.sh", ["7"]);
    expect(await run.child.exited).toEqual({ code: 7, signal: null });
    expect(run.lines).toEqual(["last words"]);
    expect(run.child.stderr.toJSON()).toEqual({ head: "why", truncated: false, total_lines: 1 });
  });

  test("its environment is what it was given and nothing else", async () => {
    const marker = await ownerMarker("env");
    await using run = new FixtureChild("prints-environment.sh", [], { env: { ONE: "1" }, marker });
    await run.child.exited;
    const shellsOwn = ["PWD", "SHLVL", "_", "OLDPWD"];
    const variables = run.lines
      .map((line) => (typeof line === "string" ? line.split("=") : ["", ""]))
      .filter(([name = ""]) => !shellsOwn.includes(name));
    expect(Object.fromEntries(variables)).toEqual({ ONE: "1", SBXA_OWNER: marker });
  });

  test("a million short lines arrive whole and in order", async () => {
    await using run = new FixtureChild("floods.mjs", ["short-lines"]);
    await run.child.exited;
    expect(run.lines).toHaveLength(1_000_000);
    expect(run.lines.every((line, index) => line === `{"n":${index}}`)).toBe(true);
  });

  test("a line of 64 MiB is dropped with a mark and the next one is read", async () => {
    await using run = new FixtureChild("floods.mjs", ["long-line"]);
    await run.child.exited;
    expect(run.lines).toEqual([
      { kind: "overlong", bytes: 64 * MIB, head: "x".repeat(1024) },
      "after",
    ]);
  });

  test("invalid UTF-8 is replaced and flagged", async () => {
    await using run = new FixtureChild("floods.mjs", ["invalid-utf8"]);
    await run.child.exited;
    expect(run.lines).toEqual([{ kind: "invalid-utf8", text: "a\uFFFDb" }, "grün"]);
  });

  test("stderr written for ever neither ends the child nor fills the memory", async () => {
    await using run = new FixtureChild("floods.mjs", ["stderr"]);
    await run.line(8);
    expect(run.child.running).toBe(true);
    const excerpt = run.child.stderr.toJSON();
    expect(excerpt.truncated).toBe(true);
    expect(excerpt.total_lines).toBeGreaterThan(50_000);
    expect(JSON.stringify(excerpt).length).toBeLessThan(40_000);
  });
});

describe("a child that cannot be started", () => {
  const cases: [string, string, { file: string; cwd?: string }][] = [
    ["is missing", "ENOENT", { file: fixture("no-such-file") }],
    ["is missing in PATH", "ENOENT", { file: "no-such-program" }],
    ["is not executable", "EACCES", { file: fixture("not-executable") }],
    ["is a folder", "EACCES", { file: fixture("") }],
    ["is for another processor", "ENOEXEC", { file: fixture("wrong-architecture") }],
    ["has no working directory", "ENOENT", { file: "/bin/sh", cwd: "/no/such/folder" }],
    ["has a name no file can have", "ENOENT", { file: "/bin/\0" }],
  ];
  test.each(cases)("because it %s says %s in its exit", async (_why, code, options) => {
    await using child = Child.start({ cwd: "/", env: { PATH: "/bin" }, stdin: "pipe", ...options });
    const exit = await child.exited;
    expect(exit).toMatchObject({ code: null, signal: null, error: { code } });
    expect(child.pid).toBeUndefined();
    expect(child.running).toBe(false);
    await expect(child.write("x")).rejects.toThrow(exit.error?.message);
    expect(await child.end()).toEqual([]);
  });

  test("because the system refuses its arguments says so in its exit", async () => {
    const args = ["x".repeat(4 * MIB)];
    await using child = Child.start({ file: "/bin/sh", args, cwd: "/", env: {}, stdin: "ignore" });
    expect((await child.exited).error?.code).toBe("E2BIG");
  });
});

describe("a write", () => {
  test("resolves when the child reads", async () => {
    await using child = Child.start({ file: "/bin/cat", cwd: "/", env: {}, stdin: "pipe" });
    await child.write("x".repeat(MIB));
    await child.write("y");
    expect(await child.end()).toEqual([]);
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  test("to a child that never reads is rejected when the child is ended", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    await run.line(0);
    const written = run.child.write("x".repeat(64 * MIB));
    const rejected = expect(written).rejects.toThrow(ChildGone);
    await run.child.end({ graceMs: 100, termMs: 100 });
    await rejected;
    expect(await isAlive(run.child.pid)).toBe(false);
  });

  test("that waits on a child that dies is rejected", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    await run.line(0);
    const rejected = expect(run.child.write("x".repeat(64 * MIB))).rejects.toThrow(ChildGone);
    run.child.signal("SIGKILL");
    await rejected;
  });

  test("that waits on a child that dies is rejected though a grandchild holds the pipe", async () => {
    const args = ["-c", "exec 3<&0; sleep 600 <&3 & echo ready; exec sleep 600"];
    await using run = new FixtureChild("exits.sh", [], { file: "/bin/sh", args });
    await run.line(0);
    const written = run.child.write("x".repeat(64 * MIB));
    const rejected = expect(written).rejects.toThrow("the child has exited (SIGKILL)");
    run.child.signal("SIGKILL");
    await rejected;
  });

  test("after the exit is rejected and names the exit", async () => {
    await using run = new FixtureChild("exits.sh", ["4"]);
    await run.child.exited;
    await expect(run.child.write("x")).rejects.toThrow("the child has exited (4)");
  });

  test("to a child that has closed its input is rejected and the child lives", async () => {
    const args = ["-c", "exec 0<&-; echo closed; exec sleep 600"];
    await using run = new FixtureChild("exits.sh", [], { file: "/bin/sh", args });
    await run.line(0);
    await expect(run.child.write("x")).rejects.toThrow(ChildGone);
    expect(run.child.running).toBe(true);
  });

  test("to a child without an input is rejected", async () => {
    await using child = Child.start({ file: "/bin/cat", cwd: "/", env: {}, stdin: "ignore" });
    await expect(child.write("x")).rejects.toThrow("the child has no input");
  });
});

describe("the end of a child", () => {
  test("is asked for by closing its input", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs", ["exit-on-eof"]);
    await run.line(0);
    await run.child.end({ graceMs: 20_000 });
    expect(await run.child.exited).toEqual({ code: 0, signal: null });
  });

  test("comes by SIGKILL where SIGTERM is ignored", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    await run.line(0);
    expect(await run.child.end({ graceMs: 50, termMs: 50 })).toEqual([]);
    expect(await run.child.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(await isAlive(run.child.pid)).toBe(false);
  });

  test("is one end, however many ask for it at once", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    await run.line(0);
    const ends = [1, 2, 3].map(() => run.child.end({ graceMs: 50, termMs: 50 }));
    expect(await Promise.all(ends)).toEqual([[], [], []]);
    expect(await isAlive(run.child.pid)).toBe(false);
    expect(await run.child.end()).toEqual([]);
  });

  test("does not wait for a grandchild that holds stdout", async () => {
    await using run = new FixtureChild("leaves-grandchild.mjs", ["holds-stdout", "exits"]);
    expect(await run.child.exited).toEqual({ code: 3, signal: null });
    const grandchild = Number(await run.line(0));
    expect(await isAlive(grandchild)).toBe(true);
    expect(await run.child.end()).toEqual([]);
    expect(await isAlive(grandchild)).toBe(false);
  });

  const trees: [string, string[]][] = [
    ["in its group", []],
    ["in a session of its own", ["own-session"]],
    ["in a session of its own without our marker", ["own-session", "clean-env"]],
    ["in a session of its own that ignores SIGTERM", ["own-session", "ignores-sigterm"]],
    ["in its group, left behind without our marker", ["clean-env", "exits"]],
    ["in a session of its own, left behind", ["own-session", "exits"]],
  ];
  test.each(trees)("takes with it a grandchild %s", async (_what, wants) => {
    const marker = await ownerMarker("tree");
    await using run = new FixtureChild("leaves-grandchild.mjs", wants, { marker });
    const grandchild = Number(await run.line(0));
    if (wants.includes("exits")) await run.child.exited;
    expect(await isAlive(grandchild)).toBe(true);
    expect(await run.child.end({ graceMs: 50, termMs: 300 })).toEqual([]);
    expect(await isAlive(grandchild)).toBe(false);
    expect(await isAlive(run.child.pid)).toBe(false);
  });

  test("leaves another child alone", async () => {
    await using other = new FixtureChild("leaves-grandchild.mjs", ["own-session"]);
    const stranger = Number(await other.line(0));
    {
      await using run = new FixtureChild("leaves-grandchild.mjs", ["own-session"]);
      await run.line(0);
    }
    expect(other.child.running).toBe(true);
    expect(await isAlive(stranger)).toBe(true);
  });
});
