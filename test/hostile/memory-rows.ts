import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PIXEL_PNG } from "../support/pixel.ts";
import type { MemoryClient } from "./memory-client.ts";

const KiB = 1024;
const MiB = 2 ** 20;

/** One way to make a daemon hold memory. */
export interface MemoryRow {
  name: string;
  /** `--event-buffer`, in bytes. */
  budget: number;
  /** A single large body, line or message is part of it: the peak may be higher for a while. */
  isLarge?: true;
  /** Bytes that the allocator of Node keeps after many large messages at once. */
  keptBytes?: number;
  /** Uses the daemon. Returns a remark for the table. */
  run(client: MemoryClient): Promise<string | void>;
}

/** Time until the sent bytes have filled the buffers of all connections. */
const FILL_MS = 3000;

async function fillPages(client: MemoryClient, count: number, size: number, query: string) {
  await client.create("s", { agent: "claude" });
  for (let n = 0; n < 16; n++) await client.say("s", `whole ${size}`);
  await client.stall(count, () => `/v1/sessions/s/events${query}`);
  await sleep(FILL_MS);
}

async function answerOf(client: MemoryClient, path: string, body: string): Promise<string> {
  const { status, bytes } = await client.postText(path, body);
  return `${status}, ${bytes} bytes`;
}

const ones = (count: number): string => `[${"1,".repeat(count - 1)}1]`;

function keys(count: number, value: string): string {
  let text = "";
  for (let n = 0; n < count; n++) text += `${n === 0 ? "" : ","}"k${n}":${value}`;
  return `{${text}}`;
}

export const memoryRows: readonly MemoryRow[] = [
  {
    name: "1,000 pages of 64 KiB events, not read",
    budget: 64 * MiB,
    run: (client) => fillPages(client, 1000, 64 * KiB, ""),
  },
  {
    name: "1,000 pages with raw, not read",
    budget: 64 * MiB,
    run: (client) => fillPages(client, 1000, 64 * KiB, "?includeRaw=true"),
  },
  {
    name: "200 pages of a 16 MiB event, not read",
    budget: 128 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s", { agent: "claude" });
      await client.say("s", `whole ${16 * MiB}`);
      await client.stall(200, () => "/v1/sessions/s/events");
      await sleep(FILL_MS);
    },
  },
  {
    name: "200 pages of a 16 MiB event with raw, not read",
    budget: 128 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s", { agent: "claude" });
      await client.say("s", `whole ${16 * MiB}`);
      await client.stall(200, () => "/v1/sessions/s/events?includeRaw=true");
      await sleep(FILL_MS);
    },
  },
  {
    name: "1,000 streams, not read",
    budget: 64 * MiB,
    async run(client) {
      await client.create("s", { agent: "claude" });
      for (let n = 0; n < 16; n++) await client.say("s", `whole ${64 * KiB}`);
      await client.stall(1000, () => "/v1/sessions/s/events/sse");
      await sleep(FILL_MS);
    },
  },
  {
    name: "1,000 streams with raw, not read",
    budget: 64 * MiB,
    async run(client) {
      await client.create("s", { agent: "claude" });
      for (let n = 0; n < 16; n++) await client.say("s", `whole ${64 * KiB}`);
      await client.stall(1000, () => "/v1/sessions/s/events/sse?includeRaw=true");
      await sleep(FILL_MS);
    },
  },
  {
    name: "300 streams stalled at different places",
    budget: 64 * MiB,
    async run(client) {
      await client.create("s", { agent: "claude" });
      for (let n = 0; n < 300; n++) {
        const { eventCount } = await client.info("s");
        await client.stall(1, () => `/v1/sessions/s/events/sse?offset=${eventCount}`);
        await client.say("s", `pieces ${MiB}`);
      }
    },
  },
  {
    name: "60 images of 32 MiB, not read",
    budget: 64 * MiB,
    async run(client) {
      await client.create("s", { directory: client.work });
      await client.say("s", "image");
      const path = join(client.work, "mock_1/image.png");
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, Buffer.concat([Buffer.from(PIXEL_PNG, "base64")], 32 * MiB));
      await client.stall(60, () => "/v1/sessions/s/images?path=mock_1/image.png");
      await sleep(FILL_MS);
    },
  },
  ...(
    [
      ["12 MiB of attachments", "messages", () => `{"attachments":${ones(6 * MiB)}}`],
      [
        "23 MiB of objects as attachments",
        "messages",
        () => `{"message":"m","attachments":[${"{},".repeat(8 * MiB - 100_000)}{}]}`,
      ],
      ["2 MiB of answers", "questions/q/reply", () => `{"answers":${ones(MiB - 10)}}`],
      [
        "answers nested 900,000 deep",
        "questions/q/reply",
        () => `{"answers":${"[".repeat(900_000)}${"]".repeat(900_000)}}`,
      ],
      ["a million unknown keys", "messages", () => keys(1_000_000, "1")],
      ["130,000 variables", "", () => `{"agent":"mock","env":${keys(130_000, '"1"')}}`],
      ["130,000 wrong variables", "", () => `{"agent":"mock","env":${keys(150_000, "1")}}`],
      ["a title of 1.9 MiB", "", () => JSON.stringify({ agent: "mock", title: "t".repeat(2e6) })],
    ] as const
  ).map(([name, path, body]): MemoryRow => ({
    name,
    budget: 64 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s");
      const target = path === "" ? "/v1/sessions/other" : `/v1/sessions/s/${path}`;
      return await answerOf(client, target, body());
    },
  })),
  {
    name: "40 queued messages of 16 MiB",
    budget: 64 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s");
      // An open permission keeps the turn running.
      await client.post("/v1/sessions/s/messages", { message: "permission" });
      const message = "q".repeat(16 * MiB);
      const statuses: number[] = [];
      for (let n = 0; n < 40; n++) {
        statuses.push((await client.post("/v1/sessions/s/messages", { message })).status);
      }
      return `${statuses.filter((status) => status === 204).length} accepted`;
    },
  },
  {
    name: "340 deleted sessions with 0.87 MB of secrets each",
    budget: 64 * MiB,
    isLarge: true,
    async run(client) {
      for (let n = 0; n < 340; n++) {
        const A_TOKEN = `${n}`.padEnd(870_000, "t");
        await client.post(`/v1/sessions/s${n}`, { agent: "mock", env: { A_TOKEN } });
        await client.delete(`s${n}`);
      }
    },
  },
  {
    name: "a flood of 60 x 1 MiB of text",
    budget: 64 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s", { agent: "claude" });
      await client.say("s", `whole ${MiB} x60`);
    },
  },
  {
    name: "a flood of 40 x 8 MiB of text",
    budget: 64 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s", { agent: "claude" });
      await client.say("s", `whole ${8 * MiB} x40`);
    },
  },
  {
    name: "40 x 8 MB of text in pieces",
    budget: 512 * MiB,
    isLarge: true,
    async run(client) {
      await client.create("s", { agent: "claude" });
      await client.say("s", "pieces 8000000 x40");
    },
  },
  ...(
    [
      ["60 sessions with 1 MiB of text at once", 64 * MiB, 60, `whole ${MiB}`, 0],
      ["40 sessions with 8 MiB of text at once", 64 * MiB, 40, `whole ${8 * MiB}`, 0],
      ["40 sessions with 8 MB in pieces at once", 512 * MiB, 40, "pieces 8000000", 250 * MiB],
    ] as const
  ).map(([name, budget, count, message, keptBytes]): MemoryRow => ({
    name,
    budget,
    isLarge: true,
    keptBytes,
    async run(client) {
      const ids = Array.from({ length: count }, (_, n) => `s${n}`);
      await Promise.all(ids.map((id) => client.create(id, { agent: "claude" })));
      await Promise.all(ids.map((id) => client.say(id, message)));
    },
  })),
  {
    name: "10,000 sessions of the mock agent",
    budget: 64 * MiB,
    async run(client) {
      let next = 0;
      const workers = Array.from({ length: 16 }, async () => {
        while (next < 10_000) await client.create(`s${next++}`);
      });
      await Promise.all(workers);
    },
  },
];
