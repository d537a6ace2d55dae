import { AgentDaemon } from "../../support/agent-daemon.ts";
import { opencodeUnderTest } from "../../support/agents/opencode.ts";
import { opencodeEnv } from "../../support/opencode/config.ts";
import { tool } from "../../support/model-script.ts";
import type { Subject } from "../contract/scenario.ts";
import { argumentsIn } from "./arguments.ts";

const command = (text: string, more = {}) =>
  tool("bash", { command: text, description: "As scripted", ...more });

/** OpenCode, whose own tests stand in `test/e2e/opencode`. */
export const opencode: Subject = {
  id: "opencode",
  concurrency: 2,
  start: (surroundings) =>
    AgentDaemon.start(opencodeUnderTest, {
      args: argumentsIn(surroundings),
      ...(surroundings === "keyless" && { env: opencodeEnv(undefined) }),
    }),
  acts: {
    plan: { body: { permissionMode: "plan" } },
    overload: { message: "go @@e529@@" },
  },
  command: (text) => command(text),
  calls: {
    command: (text) => command(text),
    elsewhere: (text, workdir) => [command(text, { workdir })],
    write: (filePath, content) => tool("write", { filePath, content }),
    edit: (filePath, oldString, newString) => tool("edit", { filePath, oldString, newString }),
    read: (filePath) => [tool("read", { filePath })],
    change: (filePath, oldString, newString) => [
      tool("read", { filePath }),
      tool("edit", { filePath, oldString, newString }),
    ],
    mcp: (name, input) => tool(`tiny_${name}`, input),
    fetch: (url) => tool("webfetch", { url, format: "text" }),
  },
  actions: { command: "bash", edit: "edit" },
  model: "anthropic/claude-scripted-2",
  variant: "high",
  effort: /"budget_tokens":\d+/,
  cannot: {
    "tool.mcp.rejected":
      "tools of MCP servers are the user's own choice, and OpenCode asks for them only where the user's rules say so",
    "failure.cut": "as for a connection that is dropped, OpenCode tries again for a minute",
    "command.env": "the server is shared, and a session with variables of its own is refused",
  },
};
