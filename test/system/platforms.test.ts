import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { type Target, targets } from "../../scripts/targets.ts";
import { startDaemon } from "../support/daemon.ts";
import { muslLoader } from "../support/musl.ts";
import { postJson } from "../support/post-json.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { version } from "../../src/version.ts";

const repository = join(import.meta.dirname, "../..");

/** How the executable of a platform is started on this machine. */
async function startOf({ name, run }: Target): Promise<{ file: string; args: string[] }> {
  const words = [join(repository, `build/sandbox-agent-${name}`)];
  const musl = name.includes("-musl");
  if (musl) {
    const loader = await muslLoader(run === "emulated" ? "arm64" : "x64");
    words.unshift(loader.file, ...loader.args);
  }
  if (run === "emulated") {
    words.unshift(
      "/usr/bin/qemu-aarch64-static",
      ...(musl ? [] : ["-L", "/usr/aarch64-linux-gnu"]),
    );
  }
  const [file = "", ...args] = words;
  return { file, args };
}

// That for linux-x64 is held to much more by the suite of what ships.
const run = targets.filter(({ name, run }) => run !== "never" && name !== "linux-x64");

describe.each(run)("the executable for $name", (target) => {
  let entry: { file: string; args: string[] };

  beforeAll(async () => {
    await execa(process.execPath, ["scripts/executable.ts", target.name], { cwd: repository });
    entry = await startOf(target);
  }, 300_000);

  it("tells its version", async () => {
    await using home = await temporaryHome();
    const { stdout } = await execa(entry.file, [...entry.args, "--version"], {
      env: home.env,
      extendEnv: false,
    });
    expect(stdout).toBe(`sandbox-agent ${version}`);
  });

  it("serves, and holds a turn with the mock agent", async () => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home, entry });
    const post = (path: string, body: object) =>
      postJson(`${daemon.url}/v1/sessions/s${path}`, body);
    expect((await post("", { agent: "mock" })).status).toBe(200);
    const stream = await post("/messages/stream", { message: "hello" });
    expect(await stream.text()).toContain('"status":"completed"');
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  }, 60_000);
});
