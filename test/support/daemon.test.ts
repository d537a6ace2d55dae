import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startDaemon } from "./daemon.ts";
import { expectNoProcesses } from "./processes.ts";
import { temporaryHome } from "./sandbox.ts";
import type { TemporaryHome } from "./sandbox.ts";

/** Writes a stand-in for the daemon: it tells its environment and arguments at /v1/health. */
async function standIn(home: TemporaryHome, more = ""): Promise<{ file: string }> {
  const file = join(home.work, "stand-in");
  const source = `#!${process.execPath}
    const { createServer } = require("node:http");
    ${more}
    const told = JSON.stringify({ env: process.env, args: process.argv.slice(2) });
    const server = createServer((_, response) => response.end(told));
    server.listen(0, "127.0.0.1", () => {
      console.error("noise");
      console.log("hello\\nlistening on http://127.0.0.1:" + server.address().port + " now");
    });`;
  await writeFile(file, source);
  await chmod(file, 0o755);
  return { file };
}

it("a daemon is started with the given environment only, and is gone after disposal", async () => {
  await using home = await temporaryHome();
  {
    const env = { EXTRA: "1" };
    await using daemon = await startDaemon({ home, entry: await standIn(home), env });
    const told = await (await fetch(`${daemon.url}/v1/health`)).json();
    expect(told).toEqual({
      env: { ...home.env, ...env },
      args: ["server", "--port", "0", "--no-token"],
    });
    await expect.poll(() => daemon.stderr()).toBe("noise\n");
  }
  await expectNoProcesses(home.dir, { withinMs: 0 });
});

it("stopping a daemon tells how it ended", async () => {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({ home, entry: await standIn(home) });
  expect(await daemon.stop("SIGINT")).toEqual({ code: null, signal: "SIGINT" });
  expect(await daemon.exited).toEqual({ code: null, signal: "SIGINT" });
});

it("a daemon that will not end is killed at disposal", async () => {
  await using home = await temporaryHome();
  const stubborn = 'process.on("SIGTERM", () => {});';
  const daemon = await startDaemon({ home, entry: await standIn(home, stubborn) });
  await daemon[Symbol.asyncDispose]();
  expect(await daemon.exited).toEqual({ code: null, signal: "SIGKILL" });
});

it.each([
  ["ends", 'console.error("no good"); process.exit(2);', "no good"],
  ["cannot be run", undefined, "(none)"],
])("a daemon that %s instead of listening fails the start", async (_, more, stderr) => {
  await using home = await temporaryHome();
  const entry = more === undefined ? { file: "/nowhere" } : await standIn(home, more);
  await expect(startDaemon({ home, entry })).rejects.toThrow(
    `The daemon did not start. Its stderr: ${stderr}`,
  );
});
