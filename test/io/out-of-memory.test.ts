import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FixtureChild } from "./fixtures.ts";

function adjustment(pid: number | "self" | undefined): number {
  return Number(readFileSync(`/proc/${pid}/oom_score_adj`, "latin1"));
}

it.runIf(process.platform === "linux")(
  "a child and what it starts are killed before this process when memory runs out",
  async () => {
    await using run = new FixtureChild(
      "/bin/sh",
      ["-c", "sh -c 'cat /proc/self/oom_score_adj; read _'"],
      { file: "/bin/sh" },
    );
    expect(adjustment(run.child.pid)).toBe(Math.min(1000, adjustment("self") + 500));
    // The value was raised before or after the grandchild began, which inherits it.
    expect(Number(await run.text(0))).toBeGreaterThanOrEqual(adjustment("self"));
  },
);
