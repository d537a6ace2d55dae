import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { StandInDaemon } from "../support/stand-in.ts";

const MiB = 2 ** 20;
/** `npm run hostile` runs the long form: more than a string of either runtime can hold. */
const SIZE = process.env["HOSTILE_LONG"] === undefined ? 64 : 600;
/** Memory for a single large message, above the event budget. */
const MEMORY = 300 * MiB;

it(
  `a message of ${SIZE} MiB in deltas ends neither the daemon nor its memory bounds`,
  { timeout: 300_000 },
  async () => {
    const budget = 16 * MiB;
    await using daemon = await StandInDaemon.start({ args: ["--event-buffer", `${budget}`] });
    const executable = await daemon.standIn();
    const url = `${daemon.daemon.url}/v1/sessions/giant`;
    const before = await residentBytes(daemon);
    await post(url, { agent: "claude", agentVersion: executable.version });
    await post(`${url}/messages`, { message: `turn/giant-${SIZE}` });
    await daemon.expectServing();
    const status = async () => (await (await fetch(url)).json()).status;
    await expect.poll(status, { timeout: 300_000 }).toBe("idle");
    const peak = (await daemon.peakMemory()) - before;
    console.log(`${SIZE} MiB: peak ${Math.round(peak / MiB)} MiB above idle, budget 16 MiB`);
    expect(peak).toBeLessThan(budget + MEMORY);
    const events = await (await fetch(`${url}/events?offset=${(await last(url)) - 4}`)).json();
    const ended = events.events.filter(({ type }: { type: string }) => type === "turn.ended");
    expect(ended).toMatchObject([{ data: { metadata: { status: "completed" } } }]);
    await fetch(url, { method: "DELETE" });
  },
);

async function last(url: string): Promise<number> {
  return (await (await fetch(url)).json()).eventCount;
}

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok, await answer.text()).toBe(true);
}

async function residentBytes(daemon: StandInDaemon): Promise<number> {
  const status = await readFile(`/proc/${daemon.daemon.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
