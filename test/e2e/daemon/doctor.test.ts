import { describe, expect, it } from "vitest";
import { DoctorReport } from "../../../src/schema/doctor.ts";
import { AgentDaemon, NOT_INSTALLED } from "../../support/agent-daemon.ts";
import { plainClaude } from "../../support/agents/claude.ts";
import { plainCodex } from "../../support/agents/codex.ts";
import { AMP_KEY, startAmp } from "../../support/amp-daemon.ts";
import { CODEX_KEY } from "../../support/codex-daemon.ts";
import { startOpencode } from "../../support/opencode-daemon.ts";

async function examine({ daemon }: { daemon: { url: string } }, agent: string, query = "") {
  const answer = await fetch(`${daemon.url}/v1/agents/${agent}/doctor${query}`);
  expect(answer.status).toBe(200);
  const text = await answer.text();
  return { text, ...DoctorReport.parse(JSON.parse(text)) };
}

const start = {
  claude: () => AgentDaemon.start(plainClaude),
  codex: () => AgentDaemon.start(plainCodex),
  amp: () => startAmp(),
  opencode: () => startOpencode(),
};
const SECRETS = ["sk-ant-dummy", CODEX_KEY, AMP_KEY];

describe("the doctor", () => {
  it.each(["claude", "codex", "amp"] as const)(
    "finds the real %s well, asks its server for the key, and tells no secret",
    async (agent) => {
      await using rig = await start[agent]();
      const { status, checks, text } = await examine(rig, agent, "?checkKey=true");
      const bad = checks.filter((check) => check.status !== "ok");
      // Whether Codex can confine commands is the machine's affair.
      expect(bad.filter(({ id }) => id !== "sandbox")).toEqual([]);
      expect(status).toBe(bad.length === 0 ? "ok" : "warning");
      expect(checks.map(({ id }) => id)).toEqual(
        expect.arrayContaining(["installed", "platform", "runs", "version", "helpers", "key"]),
      );
      for (const secret of SECRETS) expect(text).not.toContain(secret);
    },
  );

  it("finds the real OpenCode well, and of a configured provider what can be told", async () => {
    await using opencode = await start.opencode();
    const { checks } = await examine(opencode, "opencode", "?checkKey=true");
    expect(checks.filter(({ status }) => status !== "ok").map(({ id }) => id)).toEqual(["key"]);
    expect(checks.find(({ id }) => id === "credentials")?.detail).toMatch(/^set up by provider /);
    expect(checks.find(({ id }) => id === "endpoint")?.detail).toContain(opencode.model.url);
  });

  it("says how to install what is not there", async () => {
    await using claude = await AgentDaemon.start(plainClaude, { installDir: NOT_INSTALLED });
    const { status, checks } = await examine(claude, "claude");
    expect(status).toBe("failed");
    expect(checks[0]).toEqual({
      id: "installed",
      title: "Installed",
      status: "failed",
      detail: "it is not installed",
      cure: "sandbox-agent install-agent claude",
    });
  });
});
