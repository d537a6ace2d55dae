import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ClaudeProcess } from "../../../src/agents/claude/process.ts";
import { parseLine } from "../../../src/agents/claude/line.ts";
import { Child } from "../../../src/io/child.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { temporaryHome } from "../../support/sandbox.ts";
import { writeStandIn } from "../../support/stand-ins.ts";

it.each([
  ["is not answered in time", "handshake/hang", "no answer to initialize"],
  ["is refused", "handshake/refuse", "not today"],
  ["is answered with nonsense", "handshake/answer-nonsense", "is not understood"],
  ["finds nobody", "start/exit-1", "exited"],
])("a handshake that %s fails, and nothing is left", async (_, fault, words) => {
  await using home = await temporaryHome();
  const executable = join(home.dir, "bin/claude");
  await mkdir(join(home.dir, "bin"));
  await writeStandIn(executable);
  const agent: ClaudeProcess = new ClaudeProcess({
    executable,
    args: [],
    directory: home.work,
    env: { ...home.env, MISBEHAVES: fault },
    // Only what is never answered may end by it.
    handshakeMs: fault === "handshake/hang" ? 300 : 60_000,
    startChild: (options) => Child.start(options),
    onLines(lines) {
      for (const line of lines) {
        const parsed = parseLine(line);
        if (parsed && "value" in parsed) agent.settle(parsed.value);
      }
    },
  });
  await expect(agent.initialize()).rejects.toThrow(words);
  expect(agent.ready).toBe(false);
  await agent.end(0);
  await expectNoProcesses(home.dir);
});
