import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../../src/version.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

let home: TemporaryHome;

beforeAll(async () => {
  home = await temporaryHome();
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

describe.concurrent("the command line", () => {
  it("without arguments is answered by help on stderr and exit code 2", async () => {
    const { exitCode, stdout, stderr } = await runMain(home, []);
    expect(stderr).toContain("Usage: sandbox-agent");
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });

  it.each([
    [["--version"], `sandbox-agent ${version}`],
    [["-V"], `sandbox-agent ${version}`],
    [["--help"], "Usage: sandbox-agent"],
    [["-h"], "Usage: sandbox-agent"],
    [["help"], "Usage: sandbox-agent"],
    [["server", "--help"], "Usage: sandbox-agent server"],
    [["help", "server"], "Usage: sandbox-agent server"],
    [["install-agent", "-h"], "Usage: sandbox-agent install-agent"],
    [["credentials", "--help"], "Usage: sandbox-agent credentials"],
    [["credentials", "extract", "--help"], "Usage: sandbox-agent credentials extract"],
    [["credentials", "extract-env"], ""],
    [["doctor", "--help"], "Usage: sandbox-agent doctor"],
    [["install-agent", "mock"], ""],
  ])("%j says what was asked for on stdout and ends with 0", async (args, said) => {
    const { exitCode, stdout, stderr } = await runMain(home, args);
    if (said === "") expect(stdout).toBe("");
    else expect(stdout).toContain(said);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  it.each([
    [["serve"], "serve"],
    [["--nonsense"], "--nonsense"],
    [["server", "--nonsense"], "--nonsense"],
    [["server", "left-over"], "too many arguments"],
    [["server", "--port"], "--port"],
    [["server", "--port", "65536"], "0 to 65535"],
    [["server", "--port", "-1"], "0 to 65535"],
    [["server", "--port", "80a"], "0 to 65535"],
    [["server", "--port", ""], "0 to 65535"],
    [["server", "--event-buffer", "much"], "bytes"],
    [["server", "--event-buffer", "0"], "bytes"],
    [["server", "--event-buffer", "-1"], "bytes"],
    [["server", "--event-buffer", "512"], "at least 1MiB, and 512 means 512 bytes"],
    [["server", "--event-buffer", "1023KiB"], "at least 1MiB"],
    [["server", "--cors-allow-origin", "a.example"], "an origin such as https://"],
    [["server", "--cors-allow-origin", "https://a.example/app"], "without a path"],
    [["server", "--cors-allow-origin", "https://a.example?x"], "without a path"],
    [["server", "--cors-allow-origin", "https://*.example.com"], "wildcard"],
    [["server", "--cors-allow-origin", "https://user@a.example"], "no user"],
    [["server", "--cors-allow-origin", ""], "an origin such as https://"],
    [["server", "--log-level", "loud"], "fatal, error, warn"],
    [["server", "--log-format", "xml"], "json, pretty"],
    [["install-agent"], "agent"],
    [["credentials"], "Usage: sandbox-agent credentials"],
    [["credentials", "extract", "-a", "mock"], "claude, codex, opencode, amp"],
    [["doctor", "claude", "amp"], "too many arguments"],
  ])("%j is a usage error: stderr names it, exit code 2", async (args, named) => {
    const { exitCode, stdout, stderr } = await runMain(home, args);
    expect(stderr).toContain(named);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });

  it("an unknown log level in the environment is a usage error that names the variable", async () => {
    const { exitCode, stderr } = await runMain(home, ["server"], {
      SANDBOX_AGENT_LOG_LEVEL: "loud",
    });
    expect(stderr).toContain("SANDBOX_AGENT_LOG_LEVEL");
    expect(exitCode).toBe(2);
  });

  it.each([
    [["install-agent", "nobody"], {}, "nobody"],
    [["install-agent", "claude", "--offline"], {}, "offline"],
    [["install-agent", "claude"], { SANDBOX_AGENT_OFFLINE: "1" }, "offline"],
  ])("%j with %j fails at run time: one line on stderr, exit code 1", async (args, env, named) => {
    const { exitCode, stdout, stderr } = await runMain(home, args, env);
    expect(stderr).toMatch(/^sandbox-agent: .+\n?$/);
    expect(stderr.toLowerCase()).toContain(named);
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });
});
