import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { version } from "../../src/version.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { repository } from "./files.ts";

let folder: string;

beforeAll(async () => {
  // Below the repository, where what it imports is found.
  const cache = join(repository, ".cache");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "build-"));
  await execa(process.execPath, ["scripts/build.ts", folder], { cwd: repository });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("what npm run build writes", () => {
  it("is an executable file that tells its version", async () => {
    await using home = await temporaryHome();
    const main = join(folder, "main.js");
    expect((await stat(main)).mode & 0o111).toBe(0o111);
    const { stdout } = await execa(process.execPath, [main, "--version"], {
      env: home.env,
      extendEnv: false,
    });
    expect(stdout).toBe(`sandbox-agent ${version}`);
  });

  it("has what package.json exports, and it can be imported", async () => {
    const { "./persist": persist } = manifest.exports;
    for (const file of Object.values(persist)) await stat(file.replace("./dist", folder));
    const url = pathToFileURL(persist.default.replace("./dist", folder)).href;
    const program = `console.log(Object.keys(await import("${url}")).includes("persistSession"))`;
    const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", program]);
    expect(stdout).toBe("true");
  });

  it("serves", async () => {
    await using home = await temporaryHome();
    const entry = { file: process.execPath, args: [join(folder, "main.js")] };
    await using daemon = await startDaemon({ home, entry });
    const answer = await fetch(`${daemon.url}/v1/health`);
    expect(await answer.json()).toEqual({ status: "ok" });
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  });
});
