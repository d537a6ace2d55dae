import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { REAL_AGENTS } from "../support/real-agents.ts";
import { all } from "./all.ts";
import { parseRecord, UsageError } from "./arguments.ts";
import { parseCanary } from "./canary/arguments.ts";
import { fixturesOf } from "./recorder.ts";

const record = (...args: string[]) => parseRecord(args, all);

describe("the command line of the recorder", () => {
  it("names an agent and scenarios, each once", () => {
    expect(record("codex", "text", "write", "text")).toMatchObject({
      command: "record",
      recorder: { id: "codex" },
      scenarios: ["text", "write"],
      files: false,
    });
  });

  it("finds the scenario that makes a recording", () => {
    expect(record("codex", "before-resume")).toMatchObject({ scenarios: ["resumed"] });
  });

  it("records every scenario and the other files with --all", () => {
    const [claude] = all;
    expect(record("--all", "claude")).toMatchObject({
      scenarios: [...(claude?.scenarios.keys() ?? [])],
      files: true,
    });
  });

  it("lists all agents, or one", () => {
    expect(record("--list")).toMatchObject({ command: "list", recorders: all });
    expect(record("--list", "codex")).toMatchObject({ recorders: [{ id: "codex" }] });
    expect(record("--help")).toEqual({ command: "help" });
  });

  it.each([
    [["nobody", "text"], /no agent "nobody" to record\. Agents: claude, codex, opencode, amp\./],
    [["--list", "nobody"], /no agent "nobody"/],
    [["claude", "nothing"], /no scenario "nothing" of claude\. Scenarios: text, /],
    [["claude"], /No scenario is named\. Scenarios: text, /],
    [["--all", "claude", "text"], /--all records every scenario/],
    [[], /No agent is named/],
    [["--fast"], /--fast/],
  ])("rejects %j with a reason", (args, reason) => {
    expect(() => record(...args)).toThrow(UsageError);
    expect(() => record(...args)).toThrow(reason);
  });
});

describe("the command line of the canary", () => {
  it("names agents, by default all", () => {
    expect(parseCanary([])).toEqual({ command: "run", agents: Object.keys(REAL_AGENTS) });
    expect(parseCanary(["codex"])).toEqual({ command: "run", agents: ["codex"] });
    expect(parseCanary(["-h"])).toEqual({ command: "help" });
  });

  it.each([
    [["nobody"], /no agent "nobody"\. Agents: claude, codex, opencode, amp/],
    [["--fast"], /--fast/],
  ])("rejects %j with a reason", (args, reason) => {
    expect(() => parseCanary(args)).toThrow(UsageError);
    expect(() => parseCanary(args)).toThrow(reason);
  });
});

it.each(all)("the scenarios of $id make all committed recordings", ({ id, scenarios, byHand }) => {
  const committed = readdirSync(fixturesOf(id))
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length));
  const made = [...scenarios.values()].flat();
  expect([...made, ...Object.keys(byHand)].toSorted()).toEqual(committed.toSorted());
});
