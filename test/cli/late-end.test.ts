import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { repository } from "../repo/files.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";

const probe = join(repository, "test/fixtures/bin/blocks-pool.mjs");

it("SIGTERM ends a daemon whose threads are blocked for ever, by a signal to itself", async () => {
  await using home = await temporaryHome();
  const pipe = join(home.dir, "pipe");
  const blocked = join(home.dir, "blocked");
  await promisify(execFile)("mkfifo", [pipe]);
  const entry = {
    file: process.execPath,
    args: ["--import", probe, join(repository, "src/main.ts")],
  };
  await using daemon = await startDaemon({
    home,
    entry,
    env: { NAMED_PIPE: pipe, BLOCKED: blocked },
  });
  // The daemon has finished its own start by then.
  expect((await fetch(`${daemon.url}/v1/agents`)).status).toBe(200);
  process.kill(daemon.pid, "SIGUSR2");
  await vi.waitUntil(() => existsSync(blocked), { timeout: 60_000 });
  expect(await daemon.stop()).toEqual({ code: null, signal: "SIGKILL" });
});
