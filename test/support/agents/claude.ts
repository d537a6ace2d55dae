import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RealAgent } from "../agent-daemon.ts";
import { httpError, reply, tool } from "../model-script.ts";
import type { Script } from "../model-script.ts";
import { type ModelServer, startModelServer } from "../model-server.ts";
import { claudeEnv } from "../sandbox.ts";
import { claudeScenarios, workingDirectory } from "../scenarios.ts";
import { tinyServer } from "./mcp.ts";

const scripts: Record<string, Script> = {
  ...claudeScenarios,
  writeone: (request) => [
    reply([
      tool("Write", {
        file_path: join(workingDirectory(request), "hello.txt"),
        content: "line one\n",
      }),
    ]),
    reply("All done."),
  ],
  mcp: [reply([tool("mcp__tiny__echo", { text: "ping" })]), reply("All done.")],
  draw: [reply([tool("mcp__tiny__draw", {})]), reply("All done.")],
  // The Messages API refuses what is too long with a 400 that says so.
  toolong: [httpError(400, { message: "prompt is too long: 210000 tokens > 200000 maximum" })],
};

/** The real Claude Code as its user has it who has configured nothing. */
export const plainClaude: RealAgent<ModelServer> = {
  id: "claude",
  startModel: () => startModelServer({ scripts }),
  env: claudeEnv,
  secrets: ["sk-ant-dummy"],
  process: "--input-format",
};

/** The real Claude Code in a sandbox, with the tools of the MCP server `tiny`. */
export const claudeUnderTest: RealAgent<ModelServer> = {
  ...plainClaude,
  // As root Claude takes the mode bypass only where it is told that this is a sandbox.
  env: (model) => ({ ...claudeEnv(model), IS_SANDBOX: "1" }),
  async prepare(home) {
    const settings = { mcpServers: { tiny: { type: "stdio", ...tinyServer, env: {} } } };
    await writeFile(join(home.dir, ".claude.json"), JSON.stringify(settings));
  },
};
