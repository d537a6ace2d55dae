import { AgentDaemon } from "../../support/agent-daemon.ts";
import { ampUnderTest } from "../../support/agents/amp.ts";
import { tool } from "../../support/model-script.ts";
import type { Subject } from "../contract/scenario.ts";
import { argumentsIn } from "./arguments.ts";
import { because } from "./because.ts";

const whole = "Amp prints an answer, and the output of a command, when it is whole";
const noQuestions = "Amp has no tool that asks its user over this interface";
const noPlanMode = "Amp has no plan mode: the permission mode `plan` is refused";
const insideServer = "Amp's own server asks the model, and tries again by itself unseen";

/** Amp, whose own tests stand in `test/e2e/amp`. */
export const amp: Subject = {
  id: "amp",
  concurrency: 2,
  start: (surroundings) =>
    AgentDaemon.start(ampUnderTest, {
      args: argumentsIn(surroundings),
      ...(surroundings === "keyless" && { env: { AMP_API_KEY: undefined } }),
    }),
  acts: {
    overload: { message: "go @@e529@@" },
  },
  command: (command) => tool("shell_command", { command }),
  calls: {
    command: (command) => tool("shell_command", { command }),
    elsewhere: (command, workdir) => [tool("shell_command", { command, workdir })],
    write: (path, content) => tool("create_file", { path, content }),
    edit: (path, old_str, new_str) => tool("edit_file", { path, old_str, new_str }),
    read: (path) => [tool("Read", { path })],
    change: (path, old_str, new_str) => [tool("edit_file", { path, old_str, new_str })],
    mcp: (name, input) => tool(`mcp__tiny__${name}`, input),
    fetch: (url) => tool("read_web_page", { url }),
  },
  actions: { command: "shell_command", edit: "apply_patch" },
  model: "high",
  cannot: {
    ...because(whole, "turn.deltas", "turn.started", "command.streams"),
    ...because(
      noQuestions,
      "question.answered",
      "question.rejected",
      "question.deadline",
      "interrupt.question",
    ),
    ...because(noPlanMode, "plan.approved", "plan.rejected", "file.plan"),
    ...because(
      insideServer,
      "failure.e429recovers",
      "failure.e500recovers",
      "failure.cutrecovers",
      "failure.retry",
      "failure.interrupted",
      "failure.drop",
      "failure.cut",
      "failure.malformed",
    ),
    ...because(
      "Amp says that an answer has ended, whatever the model's reason",
      "turn.length",
      "turn.refusal",
    ),
    "turn.cost": "Amp tells tokens, not what they cost",
    "turn.effort": "the effort is part of Amp's modes, which are its models",
    "tool.todo": "Amp has no tool that keeps a list of what is to do",
    ...because(
      "what a subagent of Amp does stays inside it",
      "tool.subagent",
      "tool.subagent.asks",
    ),
    "process.shared": "each session has a process of its own",
  },
};
