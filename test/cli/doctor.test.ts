import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { claudeHealth } from "../../src/agents/claude/health.ts";
import { agentIds } from "../../src/schema/agent.ts";
import { DoctorReport } from "../../src/schema/doctor.ts";
import { answering } from "../doctor/answering-server.ts";
import { healthy } from "../doctor/patient.ts";
import { expectNoProcesses } from "../support/processes.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import { runMain } from "./main.ts";

const KEY = "sk-ant-of-the-patient";
const Reports = z.object({ agents: z.array(DoctorReport) });

/** Puts a script on a PATH of its own, and gives that. */
async function onPath(home: TemporaryHome, name: string, script: string): Promise<string> {
  const folder = join(home.dir, "bin");
  await mkdir(folder);
  await writeFile(join(folder, name), script, { mode: 0o755 });
  return `${folder}:${home.env["PATH"]}`;
}

describe("sandbox-agent doctor", () => {
  it("tells of one agent on a line per check, needs no server, and ends with 0 where all is well", async () => {
    await using home = await temporaryHome();
    await using server = await answering(200);
    const { oldest, newest } = claudeHealth.proven;
    const run = await runMain(home, ["doctor", "claude", "--check-key"], {
      PATH: await onPath(home, "claude", healthy("claude")),
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: server.url,
    });
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(run.stdout.split("\n")).toEqual([
      `claude ${newest}: ok`,
      expect.stringMatching(/^ {2}ok {7}Installed: \/.*\/bin\/claude$/),
      "  ok       Architecture and C library: it is a script for /bin/sh, and for any processor",
      "  ok       Runs: it answers --version",
      `  ok       Version known good: ${newest}; proven: ${oldest} to ${newest}`,
      expect.stringMatching(/^ {2}ok {7}Helper programs: it needs none; /),
      "  ok       Credentials: anthropic: an API key in the environment",
      `  ok       Endpoint reachable: ${server.url}/v1 answers`,
      `  ok       Key accepted: ${server.url}/v1/models takes the key in the environment`,
    ]);
    expect(run.stdout).not.toContain(KEY);
  });

  it("tells the cure below what fails, ends with 1, and leaves no process", async () => {
    await using home = await temporaryHome();
    const script = "#!/bin/sh\nprintf 'a\\033[2J\\342\\200\\256b\\n' >&2\nsleep 1000 &\nexit 3\n";
    const { exitCode, stdout } = await runMain(home, ["doctor", "amp"], {
      PATH: await onPath(home, "amp", script),
      AMP_API_KEY: KEY,
      AMP_URL: "http://127.0.0.1:1",
    });
    expect(exitCode).toBe(1);
    const lines = stdout.split("\n");
    const at = lines.findIndex((line) => line.includes("Runs:"));
    expect(lines[at]).toBe("  failed   Runs: --version ends with 3: a<U+202E>b");
    expect(lines[at + 1]).toMatch(/^ {11}cure: sandbox-agent install-agent amp --reinstall, /);
    await expectNoProcesses(home.dir);
  });

  it("tells of every agent as JSON; one that is not installed does no harm", async () => {
    await using home = await temporaryHome();
    const { exitCode, stdout } = await runMain(home, ["doctor", "--json"], { PATH: home.work });
    const { agents } = Reports.parse(JSON.parse(stdout));
    expect(agents.map(({ agent }) => agent)).toEqual(agentIds);
    const missing = agents.filter(({ checks }) => checks[0]?.detail === "it is not installed");
    expect(missing.map(({ agent, status, checks }) => [agent, status, checks.length])).toEqual(
      ["claude", "codex", "opencode", "amp"].map((id) => [id, "warning", 1]),
    );
    expect(exitCode).toBe(0);
  });

  it("prints JSON that drives no terminal, whatever version an agent prints", async () => {
    await using home = await temporaryHome();
    const script = "#!/bin/sh\nprintf '9.9.9\\302\\2332J\\342\\200\\256 (Claude Code)\\n'\n";
    const env = { PATH: await onPath(home, "claude", script) };
    const { stdout } = await runMain(home, ["doctor", "claude", "--json"], env);
    expect(Reports.parse(JSON.parse(stdout)).agents[0]?.version).toBe("9.9.9\u009b2J\u202e");
    expect(stdout).not.toMatch(/[\u0080-\u009f\p{Cf}]/u);
  });

  it("fails where the one that is asked for is not installed", async () => {
    await using home = await temporaryHome();
    const { exitCode, stdout } = await runMain(home, ["doctor", "opencode"]);
    expect(stdout).toContain("cure: sandbox-agent install-agent opencode");
    expect(exitCode).toBe(1);
  });

  it("knows no other agents", async () => {
    await using home = await temporaryHome();
    expect(await runMain(home, ["doctor", "cursor"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "sandbox-agent: unsupported agent: cursor",
    });
  });
});
