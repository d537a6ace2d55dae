import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { realAgent } from "../support/real-agents.ts";
import { temporaryHome } from "../support/sandbox.ts";

const script = join(import.meta.dirname, "../fixtures/bin/names-looked-up.ts");
/** A network of nothing but the loopback, whose resolver is ours. */
const CELL = `ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"`;
const IN_CELL = `exec unshare --net --mount sh -c '${CELL}' sh "$@"`;

/** The names that Codex looks up. */
async function lookedUp(how: "bare" | "session"): Promise<string[]> {
  await using place = await temporaryHome();
  const { path, installDir } = await realAgent("codex");
  const resolv = join(place.dir, "resolv.conf");
  await writeFile(resolv, "nameserver 127.0.0.1\n");
  const command = [process.execPath, script, how, path, installDir];
  const { stdout } = await execa("sh", ["-c", IN_CELL, "sh", resolv, ...command], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", TMPDIR: place.env["TMPDIR"] ?? "" },
    extendEnv: false,
  });
  return JSON.parse(stdout) as string[];
}

it("Codex left to itself looks up names as soon as it starts", async () => {
  expect(await lookedUp("bare")).not.toEqual([]);
});

it("Codex started by the daemon looks up no name, in a whole session", async () => {
  expect(await lookedUp("session")).toEqual([]);
});
