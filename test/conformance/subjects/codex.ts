import { AgentDaemon } from "../../support/agent-daemon.ts";
import { codexUnderTest, plainCodex } from "../../support/agents/codex.ts";
import { tool } from "../../support/model-script.ts";
import type { Subject } from "../contract/scenario.ts";
import { argumentsIn } from "./arguments.ts";

/** Codex, whose own tests stand in `test/e2e/codex`. */
export const codex: Subject = {
  id: "codex",
  start: (surroundings) =>
    surroundings === "keyless"
      ? AgentDaemon.start(plainCodex, { env: { OPENAI_API_KEY: undefined } })
      : AgentDaemon.start(codexUnderTest, { args: argumentsIn(surroundings) }),
  acts: {
    plan: { message: "go @@planmode@@", body: { permissionMode: "plan" } },
    todo: { message: "go @@plan@@" },
    overload: { message: "go @@e503@@" },
  },
  command: (cmd) => tool("exec_command", { cmd, yield_time_ms: 20_000 }),
  actions: { command: "commandExecution", edit: "fileChange" },
  model: "gpt-5.5",
  variant: "high",
  effort: /"effort":"high"/,
  cannot: {
    "turn.cost": "Codex tells tokens, not what they cost",
  },
};
