import { expect, it } from "vitest";
import { createProgressDisplay } from "../../src/cli/progress-bar.ts";
import type { InstallProgress } from "../../src/schema/agent.ts";

const RESOLVING: InstallProgress = { phase: "resolving", receivedBytes: 0 };

function downloading(receivedBytes: number, totalBytes?: number): InstallProgress {
  return { phase: "downloading", receivedBytes, ...(totalBytes !== undefined && { totalBytes }) };
}

/** What is written of these steps, write by write. */
function written(
  steps: readonly InstallProgress[],
  output: { isTTY?: boolean; columns?: number },
): string[] {
  const texts: string[] = [];
  const display = createProgressDisplay({ ...output, write: (text) => texts.push(text) });
  for (const step of steps) display.show("codex", step);
  display.clear();
  return texts;
}

const terminal = { isTTY: true, columns: 100 };

it("on a terminal one line is written over and over, and removed at the end", () => {
  const steps: InstallProgress[] = [
    RESOLVING,
    downloading(0, 160_000_000),
    downloading(82_000_000, 160_000_000),
    { phase: "unpacking", receivedBytes: 160_000_000, totalBytes: 160_000_000 },
  ];
  expect(written(steps, terminal)).toEqual([
    "\rcodex resolving\x1b[K",
    "\rcodex downloading [------------------------]   0 %, 0.0 of 160.0 MB\x1b[K",
    "\rcodex downloading [############------------]  51 %, 82.0 of 160.0 MB\x1b[K",
    "\rcodex unpacking\x1b[K",
    "\r\x1b[K",
  ]);
});

it.each([
  { title: "an unknown length shows what is there", step: downloading(5e6), shows: " 5.0 MB" },
  { title: "more than was promised is all", step: downloading(9e6, 3e6), shows: "#] 100 %" },
  { title: "an empty file is all of it", step: downloading(0, 0), shows: "#] 100 %" },
])("$title", ({ step, shows }) => {
  expect(written([step], terminal)[0]).toContain(shows);
});

it("a narrow terminal gets no second line", () => {
  const [text = ""] = written([downloading(1e6, 3e6)], { isTTY: true, columns: 30 });
  expect(text).toBe("\rcodex downloading [########--\x1b[K");
});

it("on a terminal what has not changed is not written again", () => {
  expect(written([RESOLVING, RESOLVING], terminal)).toHaveLength(2);
});

it("elsewhere there is a plain line per phase and per quarter, however often it is shown", () => {
  const parts = Array.from({ length: 101 }, (_, part) => downloading(part * 1e6, 100e6));
  const verifying: InstallProgress = { phase: "verifying", receivedBytes: 100e6 };
  const steps = [RESOLVING, RESOLVING, downloading(0), ...parts, verifying, verifying];
  expect(written(steps, {})).toEqual([
    "codex: resolving\n",
    "codex: downloading\n",
    "codex: downloading 100.0 MB, 0 %\n",
    "codex: downloading 100.0 MB, 25 %\n",
    "codex: downloading 100.0 MB, 50 %\n",
    "codex: downloading 100.0 MB, 75 %\n",
    "codex: downloading 100.0 MB, 100 %\n",
    "codex: verifying\n",
  ]);
});
