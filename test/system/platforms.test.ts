import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { targets } from "../../scripts/targets.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { version } from "../../src/version.ts";

const repository = join(import.meta.dirname, "../..");
/** How the executable of a platform is run on this one. */
const emulator = { file: "/usr/bin/qemu-aarch64-static", args: ["-L", "/usr/aarch64-linux-gnu"] };

// That for linux-x64 is held to much more by the suite of what ships.
const run = targets.filter(({ name, run }) => run !== "never" && name !== "linux-x64");

describe.each(run)("the executable for $name", ({ name, run }) => {
  const file = join(repository, `build/sandbox-agent-${name}`);
  const entry = run === "native" ? { file } : { ...emulator, args: [...emulator.args, file] };

  beforeAll(async () => {
    await execa(process.execPath, ["scripts/executable.ts", name], { cwd: repository });
  }, 300_000);

  it("tells its version", async () => {
    await using home = await temporaryHome();
    const { stdout } = await execa(
      entry.file,
      [...("args" in entry ? entry.args : []), "--version"],
      {
        env: home.env,
        extendEnv: false,
      },
    );
    expect(stdout).toBe(`sandbox-agent ${version}`);
  });

  it("serves, and holds a turn with the mock agent", async () => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home, entry });
    const post = (path: string, body: object) =>
      fetch(`${daemon.url}/v1/sessions/s${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await post("", { agent: "mock" })).status).toBe(200);
    const stream = await post("/messages/stream", { message: "hello" });
    expect(await stream.text()).toContain('"status":"completed"');
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  }, 60_000);
});
