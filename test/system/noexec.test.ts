import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createProgram } from "../../src/io/program-file.ts";
import { startAmp } from "../support/amp-daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";

const run = promisify(execFile);

interface Report {
  status: string;
  checks: { id: string; status: string; detail: string }[];
}

/** Mounts a folder for temporary files from which no program can be executed; only root may. */
async function mountNoexec(path: string): Promise<AsyncDisposable> {
  await mkdir(path);
  await run("mount", ["-t", "tmpfs", "-o", "noexec,size=16m", "tmpfs", path]);
  return { [Symbol.asyncDispose]: async () => void (await run("umount", ["-l", path])) };
}

it("the real Amp requests permissions although no program in the temporary folder can be executed", async () => {
  await using place = await temporaryHome();
  const folder = join(place.dir, "noexec");
  await using _mounted = await mountNoexec(folder);
  await using amp = await startAmp({ env: { TMPDIR: folder } });
  await amp.session(async (session, directory) => {
    const turn = await session.send("go @@bash@@");
    await session.reply("once");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(session.results()).toMatchObject([{ exit_code: 0 }]);
    expect(await readdir(directory)).toEqual(["made.txt"]);
  });
  const answer = await fetch(`${amp.daemon.url}/v1/agents/amp/doctor`);
  const { checks } = (await answer.json()) as Report;
  expect(checks.find(({ id }) => id === "permissions")).toMatchObject({ status: "ok" });
});

it("a folder in which no program can be executed is named", async () => {
  await using place = await temporaryHome();
  const folder = join(place.dir, "noexec");
  await using _mounted = await mountNoexec(folder);
  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = folder;
  try {
    const program = createProgram("x", "#!/bin/sh\n", { installDir: folder });
    await expect(program).rejects.toThrow(`${folder}: EACCES`);
    expect(await readdir(folder)).toEqual([]);
  } finally {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
  }
});
