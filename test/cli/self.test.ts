import { afterEach, expect, it } from "vitest";
import { selfCommand } from "../../src/cli/self.ts";

const { argv } = process;

afterEach(() => {
  process.argv = argv;
});

it.each([
  ["a script is run again by its runtime", "/repo/src/main.ts", ["/repo/src/main.ts", "guardian"]],
  ["an executable is run again by itself on Linux", "/$bunfs/root/sandbox-agent", ["guardian"]],
  [
    "an executable is run again by itself on Windows",
    "B:/~BUN/root/sandbox-agent.exe",
    ["guardian"],
  ],
])("%s", (_, script, args) => {
  process.argv = [process.execPath, script];
  expect(selfCommand(["guardian"])).toEqual({ file: process.execPath, args });
});
