import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Child } from "../../src/io/child.ts";
import { ownerMarker, sweepOrphans } from "../../src/io/owner.ts";
import { ParentDeath } from "../../src/io/parent-death.ts";
import { descendants, listProcesses } from "../../src/io/process-table.ts";
import { FixtureChild, fixture, isAlive } from "./fixtures.ts";

const PATH = "/usr/bin:/bin";
const Started = z.object({ kind: z.string(), child: z.number(), grandchild: z.number() });

/** A daemon of its own with one child and one grandchild. */
async function startDaemon(use: string, wants: string[]) {
  const run = new FixtureChild("stand-in-daemon.ts", [use, ...wants]);
  return { run, ...Started.parse(JSON.parse(await run.text(0))) };
}

describe("when a daemon is killed by SIGKILL", () => {
  test.each(["setpriv", "guardian"])("its child dies at once (%s)", async (use) => {
    const { run, kind, child, grandchild } = await startDaemon(use, []);
    await using _daemon = run;
    expect(kind).toBe(use);
    {
      // A signal that came by mistake, as when the forking thread ends, comes before all this is done.
      const later = await startDaemon(use, []);
      await using _later = later.run;
      expect(await isAlive(later.child)).toBe(true);
    }
    expect(await isAlive(child)).toBe(true);
    run.child.signal("SIGKILL");
    await expect.poll(() => isAlive(child)).toBe(false);
    // Its threads end one by one, and until the last has, the grandchild may still be its child and
    // so a descendant of this process, whom a sweep spares.
    await run.child.exited;
    await sweepOrphans();
    expect(await isAlive(grandchild)).toBe(false);
  });

  test("a guardian ends grandchildren in sessions of their own, then itself", async () => {
    const { run, child, grandchild } = await startDaemon("guardian", ["own-session", "clean-env"]);
    await using _daemon = run;
    const family = descendants(Number(run.child.pid), await listProcesses());
    const guardian = family.find((entry) => ![child, grandchild].includes(entry.pid));
    expect(family).toHaveLength(3);
    run.child.signal("SIGKILL");
    for (const pid of [child, grandchild, guardian?.pid ?? 0]) {
      await expect.poll(() => isAlive(pid)).toBe(false);
    }
  });

  test("the next start sweeps grandchildren in sessions of their own", async () => {
    const { run, child, grandchild } = await startDaemon("setpriv", ["own-session"]);
    await using _daemon = run;
    run.child.signal("SIGKILL");
    await expect.poll(() => isAlive(child)).toBe(false);
    await run.child.exited;
    await sweepOrphans();
    expect(await isAlive(grandchild)).toBe(false);
  });
});

describe("a watched child", () => {
  test.each(["setpriv", "guardian"] as const)(
    "is ended with its tree as any other (%s)",
    async (use) => {
      await using parentDeath = await ParentDeath.create({
        path: PATH,
        use,
        guardian: { file: process.execPath, args: [fixture("guardian.ts")] },
      });
      const marker = await ownerMarker("watched");
      await using run = new FixtureChild("leaves-grandchild.mjs", ["own-session"], {
        parentDeath,
        marker,
      });
      const grandchild = Number(await run.text(0));
      await run.child.end({ graceMs: 0 });
      expect(await run.child.exited).toEqual({ code: null, signal: "SIGTERM" });
      expect(await isAlive(grandchild)).toBe(false);
    },
  );

  test("outlives a guardian that quits with its daemon's consent", async () => {
    await using run = new FixtureChild("ignores-sigterm.mjs");
    await run.line(0);
    {
      await using parentDeath = await ParentDeath.create({
        path: PATH,
        use: "guardian",
        guardian: { file: process.execPath, args: [fixture("guardian.ts")] },
      });
      parentDeath.watch(Number(run.child.pid));
    }
    const family = descendants(process.pid, await listProcesses()).map((entry) => entry.pid);
    expect(family).toContain(run.child.pid);
    expect(run.child.running).toBe(true);
  });

  test("that setpriv cannot start says so as one that was started directly", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-agent-test-"));
    const parentDeath = await ParentDeath.create({ path: PATH, use: "setpriv" });
    const script = join(folder, "script");
    writeFileSync(script, "#!/no/such/interpreter\n", { mode: 0o755 });
    const options = { file: script, cwd: folder, env: { PATH }, stdin: "ignore" } as const;
    await using direct = Child.start(options);
    await using wrapped = Child.start({ ...options, parentDeath });
    expect((await direct.exited).error?.code).toBe("ENOENT");
    expect((await wrapped.exited).error?.code).toBe("ENOENT");
    rmSync(folder, { recursive: true });
  });

  test("is not wrapped where there is neither setpriv nor guardian", async () => {
    await using parentDeath = await ParentDeath.create({ path: "/no/such/folder" });
    expect(parentDeath.kind).toBe("none");
    const command = { file: "/bin/true", args: ["a"] };
    expect(parentDeath.wrap(command)).toEqual(command);
  });
});
