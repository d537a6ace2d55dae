import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startCodex } from "../support/codex-daemon.ts";
import { realAgent } from "../support/real-agents.ts";
import { temporaryHome } from "../support/sandbox.ts";

/** Runs a program where the kernel grants no further namespaces, as in many a container. */
const WITHOUT_NAMESPACES = "echo 0 > /proc/sys/user/max_user_namespaces";

it("Codex in a container without namespaces runs what is allowed unconfined, and says so", async () => {
  await using place = await temporaryHome();
  const { path } = await realAgent("codex");
  const bin = join(place.dir, "bin");
  await mkdir(bin);
  const script = `#!/bin/sh\nexec unshare -U -r sh -c '${WITHOUT_NAMESPACES}; exec ${path} "$@"' codex "$@"\n`;
  await writeFile(join(bin, "codex"), script, { mode: 0o755 });
  const env = { PATH: `${bin}:${place.env["PATH"]}` };
  await using codex = await startCodex({ env, installDir: join(place.dir, "none") });
  await codex.session(async (session, directory) => {
    const turn = await session.send("go @@bash@@");
    await session.reply("once");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(await readdir(directory)).toEqual(["made.txt"]);
    const [warning] = session.parts("status").filter(({ label }) => label === "warning");
    expect(warning?.detail).toContain("cannot confine commands");
  });
  const { agents } = (await (await fetch(`${codex.daemon.url}/v1/agents`)).json()) as {
    agents: { id: string; serverStatus?: { lastError?: string } }[];
  };
  const found = agents.find(({ id }) => id === "codex");
  expect(found?.serverStatus?.lastError).toContain("cannot confine commands");
});
