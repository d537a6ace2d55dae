import { setTimeout as sleep } from "node:timers/promises";
import { ask, openStream } from "./support/client.ts";
import { type Measure, median, repeat } from "./support/measure.ts";
import { Daemon } from "./support/target.ts";

const MIB = 2 ** 20;

/** Starting, and being there. */
export const startMeasures: Measure[] = [
  {
    name: "cold-start",
    method: "start of the process to the first answer of /v1/health, median of 20",
    unit: "ms",
    lessIsBetter: true,
    async run(target, { quick }) {
      const times = await repeat(quick ? 1 : 20, async () => {
        await using daemon = await Daemon.start(target);
        return daemon.startMs;
      });
      return { value: median(times) };
    },
  },
  {
    name: "idle-memory",
    method: "resident memory 3 s after the start",
    unit: "MiB",
    lessIsBetter: true,
    async run(target, { quick }) {
      await using daemon = await Daemon.start(target);
      await sleep(quick ? 20 : 3000);
      return { value: (await daemon.residentBytes()) / MIB };
    },
  },
  {
    name: "health",
    method: "/v1/health on 20 kept connections",
    unit: "answers/s",
    async run(target, { quick }) {
      await using daemon = await Daemon.start(target);
      const seconds = quick ? 0.03 : 3;
      await hammer(daemon, quick ? 0.03 : 0.3);
      return { value: (await hammer(daemon, seconds)) / seconds };
    },
  },
  {
    name: "agents",
    method: "/v1/agents, the slowest of 50 from the start on",
    unit: "ms",
    lessIsBetter: true,
    async run(target, { quick }) {
      await using daemon = await Daemon.start(target);
      const times = await repeat(quick ? 2 : 50, async () => {
        const begun = performance.now();
        await ask(daemon, "GET", "/v1/agents");
        return performance.now() - begun;
      });
      return { value: Math.max(...times) };
    },
  },
];

/** Asks for the health of a daemon again and again; gives how often it was told. */
async function hammer(daemon: Daemon, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000;
  const counts = Array.from({ length: 20 }, async () => {
    const socket = await openStream(daemon, "/v1/health");
    let answers = 0;
    for await (const piece of socket) {
      if (!Buffer.from(piece).includes("}")) continue;
      answers += 1;
      if (performance.now() > until) break;
      socket.write("GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
    socket.destroy();
    return answers;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
