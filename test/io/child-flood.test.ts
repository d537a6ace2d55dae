import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Child } from "../../src/io/child.ts";

const LINES = 1_000_000;

/** Takes as long as making events of what was read: meanwhile the child fills the pipe again. */
function work(): void {
  for (const end = performance.now() + 5; performance.now() < end;);
}

it("a child that floods is read a little at a time, so that others have their turn, to the last line", async () => {
  let lines = 0;
  let batches = 0;
  let most = 0;
  await using flood = Child.start({
    file: "/bin/sh",
    args: ["-c", `yes | head -n ${LINES}`],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdin: "ignore",
    onLines(batch) {
      lines += batch.length;
      batches += 1;
      work();
    },
  });
  while (flood.running) {
    await turn();
    most = Math.max(most, batches);
    batches = 0;
  }
  expect(await flood.exited).toEqual({ code: 0, signal: null });
  expect(lines).toBe(LINES);
  // One that is read, and one that the runtime has read ahead.
  expect(most).toBeLessThanOrEqual(2);
});
