import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";

/** More than a pipe or a socket holds. */
const SOME = 500;
/** More than the daemon's buffer holds as well. */
const MANY = 2_000;
const PATH = `/v1/${"x".repeat(507)}`;

/** Starts the program with a FIFO as stderr, which is not read. */
const throughFifo = {
  file: "/bin/sh",
  args: ["-c", 'exec "$0" "$@" 2<>"$LOG_FIFO"', program.file, ...program.args],
};

async function request({ url }: Daemon, times: number): Promise<void> {
  const headers = { "x-request-id": "i".repeat(128) };
  const statuses = new Set<number>();
  for (let n = 0; n < times; n += 50) {
    const batch = Array.from({ length: 50 }, async () => {
      const answer = await fetch(url + PATH, { headers });
      await answer.body?.cancel();
      statuses.add(answer.status);
    });
    await Promise.all(batch);
  }
  expect([...statuses]).toEqual([404]);
}

it.each(["json", "pretty"])(
  "a daemon whose stderr is an unread pipe keeps serving and stops (%s)",
  async (format) => {
    await using home = await temporaryHome();
    const fifo = join(home.dir, "fifo");
    execFileSync("mkfifo", [fifo]);
    const args = ["--no-token", "--log-format", format];
    const env = { LOG_FIFO: fifo };
    await using daemon = await startDaemon({ home, args, env, entry: throughFifo });
    await request(daemon, SOME);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  },
);

it("a daemon whose stderr is an unread socket keeps serving and stops", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, readsStderr: false });
  await request(daemon, SOME);
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
});

it("lines that did not fit are counted, and reported once stderr is read", async () => {
  await using home = await temporaryHome();
  const fifo = join(home.dir, "fifo");
  execFileSync("mkfifo", [fifo]);
  await using daemon = await startDaemon({ home, env: { LOG_FIFO: fifo }, entry: throughFifo });
  await request(daemon, MANY);
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  const counted = Number(/^sandbox_agent_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1]);
  expect(counted).toBeGreaterThan(0);
  const stream = createReadStream(fifo);
  let report: { dropped?: number } | undefined;
  for await (const line of createInterface({ input: stream })) {
    const { msg, ...rest }: { msg: string; dropped?: number } = JSON.parse(line);
    if (!msg.startsWith("log lines were dropped")) continue;
    report = rest;
    break;
  }
  stream.destroy();
  expect(report?.dropped).toBeGreaterThanOrEqual(counted);
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
});
