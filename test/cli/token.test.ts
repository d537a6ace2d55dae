import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { itIf } from "../support/it-if.ts";
import { onBun, program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

async function status(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/v1/sessions`, { headers })).status;
}

describe("--token-file", () => {
  it.each<[string, string[], Record<string, string>, string]>([
    ["typed", ["--token-file", "token.txt"], {}, "from-the-file"],
    [
      "typed, beside a variable",
      ["--token-file", "token.txt"],
      { SANDBOX_AGENT_TOKEN: "v" },
      "from-the-file",
    ],
    ["named by a variable", [], { SANDBOX_AGENT_TOKEN_FILE: "token.txt" }, "from-the-file"],
    ["beside --token", ["--token-file", "token.txt", "--token", "typed"], {}, "typed"],
  ])("serves with the token of the file (%s)", async (_case, args, env, expected) => {
    await using home = await temporaryHome();
    await writeFile(join(home.work, "token.txt"), "from-the-file\n");
    await using daemon = await startDaemon({ home, args, env });
    expect(await status(daemon.url, expected)).toBe(200);
    expect(await status(daemon.url, "another")).toBe(401);
  });

  it("is the token that `api` sends", async () => {
    await using home = await temporaryHome();
    await writeFile(join(home.work, "token.txt"), "from-the-file\n");
    await using daemon = await startDaemon({ home, args: ["--token-file", "token.txt"] });
    const args = ["api", "sessions", "list", "--endpoint", daemon.url];
    expect(await runMain(home, [...args, "--token-file", "token.txt"])).toMatchObject({
      exitCode: 0,
    });
    expect(await runMain(home, args)).toMatchObject({ exitCode: 1 });
  });

  it("reads standard input when the file is -", async () => {
    await using home = await temporaryHome();
    // The second token is refused, so the first one was read.
    const args = [...program.args, "api", "sessions", "list", "--token-file", "-"];
    await using daemon = await startDaemon({ home, args: ["--token", "piped"] });
    const run = async (input: string) =>
      await execa(program.file, [...args, "--endpoint", daemon.url], {
        cwd: home.work,
        env: home.env,
        extendEnv: false,
        reject: false,
        input,
      });
    expect(await run("piped\n")).toMatchObject({ exitCode: 0 });
    expect(await run("another\n")).toMatchObject({ exitCode: 1 });
  });

  it.each([
    ["missing", "ENOENT"],
    ["empty.txt", "the file is empty"],
  ])("ends the server with one line when the file is %s", async (name, reason) => {
    await using home = await temporaryHome();
    await writeFile(join(home.work, "empty.txt"), "\n");
    const { exitCode, stderr } = await runMain(home, ["server", "--token-file", name]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^sandbox-agent: --token-file ${name}: .*${reason}`));
  });
});

describe("--token", () => {
  it("on the command line logs a warning, a variable does not", async () => {
    await using home = await temporaryHome();
    const warning = "visible in the list of processes";
    await using typed = await startDaemon({ home, args: ["--token", "typed"] });
    await expect.poll(() => typed.stderr()).toContain(warning);
    await using named = await startDaemon({
      home,
      args: [],
      env: { SANDBOX_AGENT_TOKEN: "named" },
    });
    expect(named.stderr()).not.toContain(warning);
  });

  // Bun (1.4) has no way to overwrite its command line.
  itIf(!onBun, "is not in the list of processes once a server on Node has started", async () => {
    await using home = await temporaryHome();
    await using daemon = await startDaemon({ home, args: ["--token", "typed-secret"] });
    const commandLine = await readFile(`/proc/${daemon.pid}/cmdline`, "latin1");
    expect(commandLine).toContain("sandbox-agent server");
    expect(commandLine).not.toContain("typed-secret");
  });
});
