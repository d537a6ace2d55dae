import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../repo/files.ts";
import { startDaemon } from "../support/daemon.ts";
import { postJson } from "../support/post-json.ts";
import { expectNoProcesses } from "../support/processes.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { writeStandIn } from "../support/stand-ins.ts";
import { mkdir, writeFile } from "node:fs/promises";

const probe = join(repository, "test/fixtures/bin/throws-late.mjs");
const main = join(repository, "src/main.ts");
const SECRET = "sbxa-secret-0123456789";

/** Writes a `claude` that starts, on request, a process that nothing but its parent leads to. */
async function writeAgent(folder: string, leavesOrphan: boolean): Promise<void> {
  await writeStandIn(join(folder, "stand-in"));
  const orphan = "env -u SBXA_OWNER setsid sh -c 'sleep 300 > /dev/null 2>&1 < /dev/null &'";
  const lines = ["#!/bin/sh", ...(leavesOrphan ? [orphan] : []), `exec ${folder}/stand-in "$@"`];
  await writeFile(join(folder, "claude"), lines.join("\n"), { mode: 0o755 });
}

describe.each([
  ["Node", { file: process.execPath, args: ["--import", probe, main] }, false],
  // Only Bun adopts a process that has left its session and its environment behind.
  [
    "Bun",
    { file: join(repository, "node_modules/.bin/bun"), args: ["--preload", probe, main] },
    process.platform === "linux",
  ],
])("on %s", (_, entry, leavesOrphan) => {
  it.each(["exception", "rejection"])(
    "an unhandled %s is logged without secrets and ends the daemon with its agents",
    async (kind) => {
      await using home = await temporaryHome();
      const bin = join(home.dir, "bin");
      await mkdir(bin);
      await writeAgent(bin, leavesOrphan);
      await using daemon = await startDaemon({
        home,
        entry,
        args: ["--no-token", "--offline"],
        env: { THROWS: kind, SECRET_TOKEN: SECRET, PATH: `${bin}:${home.env["PATH"]}` },
      });
      const url = `${daemon.url}/v1/sessions/s`;
      expect((await postJson(url, { agent: "claude" })).status).toBe(200);
      await postJson(`${url}/messages`, { message: "turn/ignore-requests+hang" });
      process.kill(daemon.pid, "SIGUSR2");
      expect(await daemon.exited).toEqual({ code: 1, signal: null });
      const logged = daemon
        .stderr()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const fatal = logged.filter(({ level }) => level === 60);
      expect(fatal).toHaveLength(1);
      expect(fatal[0].err.message).toBe("unhandled with [redacted]");
      expect(daemon.stderr()).not.toContain(SECRET);
      await expectNoProcesses(home.dir);
    },
  );
});
