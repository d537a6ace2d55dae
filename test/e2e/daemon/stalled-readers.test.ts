import { setTimeout as sleep } from "node:timers/promises";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { MemoryClient } from "../../hostile/memory-client.ts";
import { startDaemon } from "../../support/daemon.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const MiB = 2 ** 20;
const BUDGET = 16 * MiB;
/** For 60 readers. Each would need 16 MiB, or 32 MiB of an image, if its answer was copied. */
const BESIDES = 200 * MiB;

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Waits until the memory of the daemon no longer grows, and returns the largest value. */
async function settledPeak(pid: number): Promise<number> {
  let peak = 0;
  for (let same = 0; same < 10; same++) {
    const now = await residentBytes(pid);
    if (now > peak) same = 0;
    peak = Math.max(peak, now);
    // The interval of the samples.
    await sleep(50);
  }
  return peak;
}

it("60 readers of a large event and of a large image that read nothing take little memory", async () => {
  await using home = await temporaryHome();
  const args = ["--no-token", "--event-buffer", String(BUDGET)];
  await using daemon = await startDaemon({ home, args });
  const idle = await residentBytes(daemon.pid);
  await using client = new MemoryClient(daemon, home.work);
  await client.create("s", { directory: home.work });
  await client.say("s", "image");
  const image = join(home.work, "mock_1/image.png");
  await mkdir(dirname(image), { recursive: true });
  await writeFile(image, Buffer.from(PIXEL_PNG, "base64"));
  await truncate(image, 32 * MiB);
  await client.say("s", "x".repeat(16 * MiB));
  const { firstSequence } = await client.info("s");
  const paths = ["events", "events/sse", "images"].map(
    (path) => `/v1/sessions/s/${path}?offset=${firstSequence - 1}&path=mock_1/image.png`,
  );
  await client.stall(60, (n) => paths[n % paths.length] ?? "");
  expect(await settledPeak(daemon.pid)).toBeLessThan(idle + BUDGET + BESIDES);
}, 180_000);
