import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { program } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

const TOKEN = { SANDBOX_AGENT_TOKEN: "from-the-environment" };

describe("a server", () => {
  it.each([
    [[], {}],
    [["--token", ""], {}],
    [[], { SANDBOX_AGENT_TOKEN: "" }],
  ])(
    "with %j and %j has no token: it names the three ways out and ends with 1",
    async (args, env) => {
      await using home = await temporaryHome();
      const { exitCode, stdout, stderr } = await runMain(home, ["server", ...args], env);
      expect(saidOf(stderr)).toMatch(/^sandbox-agent: .*$/);
      for (const way of ["--token", "SANDBOX_AGENT_TOKEN", "--no-token"]) {
        expect(stderr).toContain(way);
      }
      expect(stdout).toBe("");
      expect(exitCode).toBe(1);
    },
  );

  it.each<[string[], string[], Record<string, string>, string | undefined]>([
    [[], ["--token", "typed"], {}, "typed"],
    [[], ["-t", "typed"], TOKEN, "typed"],
    [["--token", "typed"], [], TOKEN, "typed"],
    [[], [], TOKEN, "from-the-environment"],
    [[], ["--no-token"], {}, undefined],
    [[], ["-n"], TOKEN, undefined],
    [["--no-token"], [], {}, undefined],
    [["--no-token"], [], TOKEN, undefined],
    [["-n"], ["--token", "typed"], {}, undefined],
    [[], ["--no-token", "--token", "typed"], {}, undefined],
    [[], ["--token", "typed", "--no-token"], {}, undefined],
    [["--token", "typed"], ["--no-token"], {}, undefined],
  ])("called as %j server %j with %j has the token %j", async (before, after, env, token) => {
    await using home = await temporaryHome();
    const entry = { ...program, args: [...program.args, ...before] };
    await using daemon = await startDaemon({ home, entry, args: after, env });
    const status = async (authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await fetch(`${daemon.url}/v1/agents`, { headers });
      await answer.body?.cancel();
      return answer.status;
    };
    expect(await status()).toBe(token === undefined ? 200 : 401);
    if (token !== undefined) expect(await status(`Bearer ${token}`)).toBe(200);
  });

  it("on a port that is taken ends with 1 and says so in one line", async () => {
    await using home = await temporaryHome();
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const port = String((holder.address() as AddressInfo).port);
    try {
      const args = ["server", "--no-token", "--port", port];
      const { exitCode, stdout, stderr } = await runMain(home, args);
      expect(saidOf(stderr)).toBe(
        `sandbox-agent: listen EADDRINUSE 127.0.0.1:${port}: address already in use: choose another with --port, or --port 0 for any that is free`,
      );
      expect(stdout).toBe("");
      expect(exitCode).toBe(1);
    } finally {
      holder.close();
    }
  });

  it.each([
    [["--cors-allow-origin", "*", "--cors-allow-credentials", "-n"], "--cors-allow-credentials"],
    // An address for documentation, which no machine has.
    [
      ["--host", "203.0.113.1", "--token", "t"],
      "listen EADDRNOTAVAIL 203.0.113.1:0: address not available on this machine: choose another with --host",
    ],
    [
      ["--host", "nowhere.invalid", "--token", "t"],
      "listen ENOTFOUND nowhere.invalid:0: host not found: give an address of this machine with --host",
    ],
  ])("with %j ends with 1 and names the reason in one line", async (args, named) => {
    await using home = await temporaryHome();
    const all = ["server", "--port", "0", ...args];
    const { exitCode, stdout, stderr } = await runMain(home, all);
    expect(saidOf(stderr)).toMatch(/^sandbox-agent: .+$/);
    expect(saidOf(stderr)).toContain(named);
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });
});

/** What is said on stderr besides the log, which may tell that it has ended what a dead daemon has left. */
function saidOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  return lines.join("\n");
}
