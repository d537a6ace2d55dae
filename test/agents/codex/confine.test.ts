import { statSync } from "node:fs";
import { expect, it } from "vitest";
import { canConfine } from "../../../src/agents/codex/confine.ts";
import { Child, type ChildOptions } from "../../../src/io/child.ts";

it.each([
  ["this user alone without a group of children", undefined, 0o700],
  ["the group of the user that agents run as", process.getgid?.(), 0o2750],
])("the trial of the sandbox has a CODEX_HOME for %s", async (_, childGroup, mode) => {
  const modes: number[] = [];
  const startChild = (options: ChildOptions): Child => {
    modes.push(statSync(options.env["CODEX_HOME"] ?? "").mode & 0o7777);
    return Child.start({ ...options, args: ["-e", ""] });
  };
  expect(await canConfine(process.execPath, { env: {}, startChild, childGroup })).toBe(true);
  expect(modes).toEqual([mode]);
});
