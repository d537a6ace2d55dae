import { describe, expect, it } from "vitest";
import { allAgents } from "../../src/agents/all.ts";
import { checkVersion } from "../../src/doctor/version-check.ts";
import { REAL_AGENTS } from "../support/real-agents.ts";

describe("a version", () => {
  const proven = { oldest: "1.2.0", newest: "1.4.0" };
  it.each([
    ["1.2.0", "ok", "proven: 1.2.0 to 1.4.0"],
    ["1.3.7", "ok", "1.3.7"],
    ["1.4.0", "ok", "1.4.0"],
    ["1.4.1", "warning", "not yet proven"],
    ["2.0.0-rc.1", "warning", "not yet proven"],
    ["1.1.9", "warning", "older"],
    ["nightly", "warning", "no version"],
    [undefined, "warning", "no version"],
  ])("%s is told as %s", (version, status, detail) => {
    const check = checkVersion(version, proven, "claude");
    expect(check).toMatchObject({ status, detail: expect.stringContaining(detail) });
    const cure = "sandbox-agent install-agent claude --agent-version 1.4.0";
    if (status === "ok") expect(check.cure).toBeUndefined();
    else expect(check.cure).toContain(cure);
  });

  it("of Amp is compared by the time that it carries", () => {
    const amp = { oldest: "0.0.1769425000-g1e5104", newest: "0.0.1790142911-g7618fb" };
    const status = (version: string) => checkVersion(version, amp, "amp").status;
    expect(status("0.0.1769425000-g1e5104")).toBe("ok");
    expect(status("0.0.1790142911-g7618fb")).toBe("ok");
    expect(status("0.0.1790712063-g0000ff")).toBe("warning");
  });
});

it.each(Object.entries(REAL_AGENTS))(
  "the newest version of %s that is called proven is the one that the tests drive",
  (id, { version }) => {
    expect(allAgents().get(id)?.health?.proven.newest).toBe(version);
  },
);
