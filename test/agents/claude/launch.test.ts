import { describe, expect, it } from "vitest";
import { launchArguments, shouldBeginOtherwise } from "../../../src/agents/claude/launch.ts";

const plain = {
  agentMode: "build",
  permissionMode: "default",
  repositorySettings: "use",
  model: null,
  variant: null,
} as const;

describe("the command line", () => {
  it.each([
    ["new", ["--session-id", "id"]],
    ["resume", ["--resume", "id"]],
  ] as const)("begins a %s session by its id", (beginning, words) => {
    expect(launchArguments(plain, "id", beginning).slice(0, 2)).toEqual(words);
  });

  it.each([
    ["build", "default", ["--permission-mode", "default"]],
    ["build", "acceptEdits", ["--permission-mode", "acceptEdits"]],
    ["build", "bypass", ["--dangerously-skip-permissions"]],
    ["build", "plan", ["--permission-mode", "plan"]],
    ["plan", "default", ["--permission-mode", "plan"]],
    ["plan", "bypass", ["--permission-mode", "plan"]],
  ])("of %s with %s is %j", (agentMode, permissionMode, words) => {
    const args = launchArguments({ ...plain, agentMode, permissionMode }, "id", "new");
    expect(args.slice(2)).toEqual(words);
  });

  it.each([
    ["plan", "default", ["--permission-mode", "default"]],
    ["default", "plan", ["--permission-mode", "plan"]],
    ["bypass", "bypassPermissions", ["--dangerously-skip-permissions"]],
    ["bypass", "plan", ["--permission-mode", "plan", "--allow-dangerously-skip-permissions"]],
  ])(
    "of a process that goes on from %s in the CLI's mode %s is %j",
    (permissionMode, now, words) => {
      const args = launchArguments({ ...plain, permissionMode }, "id", "resume", now);
      expect(args.slice(2)).toEqual(words);
    },
  );

  it("loads only the user's settings when those of the directory are ignored", () => {
    const args = launchArguments({ ...plain, repositorySettings: "ignore" }, "id", "resume");
    expect(args).toContain("--setting-sources=user");
    expect(launchArguments(plain, "id", "resume")).not.toContain("--setting-sources=user");
  });

  it("names model and effort, neither of which can pass for an option", () => {
    const options = { ...plain, model: "--dangerously-skip-permissions", variant: "high" };
    expect(launchArguments(options, "id", "new").slice(4)).toEqual([
      "--model=--dangerously-skip-permissions",
      "--effort=high",
    ]);
  });
});

describe("a process that leaves at once", () => {
  const inUse = "Error: Session ID 344c3081-ef70 is already in use.\n";
  const unknown = "No conversation found with session ID: 344c3081-ef70\n";

  it.each([
    ["new", inUse, true],
    ["new", unknown, false],
    ["resume", unknown, true],
    ["resume", inUse, false],
    ["new", "Segmentation fault", false],
  ] as const)("after %s, saying %j, is begun otherwise: %s", (beginning, stderr, otherwise) => {
    expect(shouldBeginOtherwise(beginning, stderr)).toBe(otherwise);
  });
});
