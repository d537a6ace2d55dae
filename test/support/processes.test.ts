import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { expect, it } from "vitest";
import { expectNoProcesses, processesWith } from "./processes.ts";
import { temporaryHome } from "./sandbox.ts";

it("a temporary home has its own directories, knows nothing of this machine, and goes away", async () => {
  const home = await temporaryHome();
  const inside = home.dir.replace(/home$/, "");
  for (const [name, value] of Object.entries(home.env)) {
    if (name !== "PATH" && name !== "LANG") expect(value.startsWith(inside), name).toBe(true);
  }
  await access(home.work);
  await access(home.env.TMPDIR ?? "");
  await home[Symbol.asyncDispose]();
  await expect(access(inside)).rejects.toThrow("ENOENT");
});

it("a living process of a home is found, also as a grandchild, until it is gone", async () => {
  await using home = await temporaryHome();
  const script = "sleep 60 & echo started; wait";
  const child = spawn("/bin/sh", ["-c", script], { env: home.env, detached: true });
  await once(child.stdout, "data");
  const find = () => processesWith(`HOME=${home.dir}`);
  // The shell may go on before its child has become a sleep.
  const commands = async () => (await find()).map(({ command }) => command);
  await expect.poll(commands).toContain("sleep 60");
  const living = await find();
  expect(living.find(({ command }) => command === "sleep 60")?.parentPid).toBe(child.pid);
  await expect(expectNoProcesses(home.dir, { withinMs: 0 })).rejects.toThrow("sleep 60");
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await expectNoProcesses(home.dir);
});

it("a zombie counts as dead", async () => {
  await using home = await temporaryHome();
  // The shell becomes a sleep that never asks how its child ended.
  const script = "/bin/true & echo $!; exec sleep 60";
  const child = spawn("/bin/sh", ["-c", script], { env: home.env });
  await once(child.stdout, "data");
  await expect
    .poll(async () => (await processesWith(`HOME=${home.dir}`)).map(({ command }) => command))
    .toEqual(["sleep 60"]);
  child.kill("SIGKILL");
  await expectNoProcesses(home.dir);
});
