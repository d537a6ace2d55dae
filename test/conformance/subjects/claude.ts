import { AgentDaemon } from "../../support/agent-daemon.ts";
import { claudeUnderTest } from "../../support/agents/claude.ts";
import { tool } from "../../support/model-script.ts";
import type { Subject } from "../contract/scenario.ts";
import { argumentsIn } from "./arguments.ts";

const command = (text: string) => tool("Bash", { command: text, description: "As scripted" });
const planning = { body: { permissionMode: "plan" } };

/** Claude Code, whose own tests stand in `test/e2e/claude`. */
export const claude: Subject = {
  id: "claude",
  concurrency: 2,
  start: (surroundings) =>
    AgentDaemon.start(claudeUnderTest, {
      args: argumentsIn(surroundings),
      ...(surroundings === "keyless" && { env: { ANTHROPIC_API_KEY: undefined } }),
    }),
  acts: {
    plan: planning,
    todo: { body: { env: { CLAUDE_CODE_ENABLE_TODO_TOOLS: "1", CLAUDE_CODE_ENABLE_TASKS: "0" } } },
    overload: { message: "go @@e529@@" },
  },
  command,
  calls: {
    command,
    // The shell stays where a command has led it.
    elsewhere: (text, folder) => [command(`cd ${folder}`), command(text)],
    write: (file_path, content) => tool("Write", { file_path, content }),
    edit: (file_path, old_string, new_string) =>
      tool("Edit", { file_path, old_string, new_string }),
    read: (file_path) => [tool("Read", { file_path })],
    change: (file_path, old_string, new_string) => [
      tool("Read", { file_path }),
      tool("Edit", { file_path, old_string, new_string }),
    ],
    mcp: (name, input) => tool(`mcp__tiny__${name}`, input),
    fetch: (url) => tool("WebFetch", { url, prompt: "Read it" }),
  },
  actions: { command: "Bash", edit: "Write" },
  model: "claude-scripted-1",
  variant: "low",
  effort: /"effort":"low"/,
  cannot: {
    "command.streams": "Claude tells a command's output when it is over",
    "failure.cut": "after three streams that break off Claude asks for an answer in one piece",
    "failure.malformed": "as for an answer that always breaks off",
    "process.shared": "each session has a process of its own",
  },
};
