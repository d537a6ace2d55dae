import { AgentDaemon } from "../../support/agent-daemon.ts";
import { codexUnderTest, plainCodex } from "../../support/agents/codex.ts";
import { tool } from "../../support/model-script.ts";
import type { Subject } from "../contract/scenario.ts";
import { argumentsIn } from "./arguments.ts";

const command = (cmd: string, workdir?: string) =>
  tool("exec_command", { cmd, yield_time_ms: 20_000, ...(workdir !== undefined && { workdir }) });

/** Codex, whose own tests stand in `test/e2e/codex`. */
export const codex: Subject = {
  id: "codex",
  concurrency: 2,
  start: (surroundings) =>
    surroundings === "keyless"
      ? AgentDaemon.start(plainCodex, { env: { OPENAI_API_KEY: undefined } })
      : AgentDaemon.start(codexUnderTest, { args: argumentsIn(surroundings) }),
  acts: {
    plan: { message: "go @@planmode@@", body: { permissionMode: "plan" } },
    todo: { message: "go @@plan@@" },
    overload: { message: "go @@e503@@" },
  },
  command: (cmd) => command(cmd),
  calls: {
    command: (cmd) => command(cmd),
    elsewhere: (cmd, folder) => [command(cmd, folder)],
    write: (path, content) => {
      const lines = content.trimEnd().split("\n");
      const added = lines.map((line) => `+${line}\n`).join("");
      return tool("apply_patch", {
        input: `*** Begin Patch\n*** Add File: ${path}\n${added}*** End Patch\n`,
      });
    },
    read: (path) => [tool("view_image", { path })],
    change: (path, from, to) => [
      tool("apply_patch", {
        input: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\n`,
      }),
    ],
    mcp: (name, input) => tool(`mcp__tiny.${name}`, input),
  },
  actions: { command: "commandExecution", edit: "fileChange" },
  model: "gpt-5.5",
  variant: "high",
  effort: /"effort":"high"/,
  cannot: {
    "turn.cost": "Codex tells tokens, not what they cost",
    "process.idle.nohup": "Codex ends the process group of a command together with the command",
  },
};
