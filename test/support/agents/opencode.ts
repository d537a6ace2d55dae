import { join } from "node:path";
import type { RealAgent } from "../agent-daemon.ts";
import { reply, streamError, text, tool } from "../model-script.ts";
import type { Script } from "../model-script.ts";
import { type ModelServer, startModelServer } from "../model-server.ts";
import { OPENCODE_KEY, opencodeEnv } from "../opencode/config.ts";
import { opencodeScenarios, workingDirectory } from "../opencode/scenarios.ts";
import { tinyServer } from "./mcp.ts";

const scripts: Record<string, Script> = {
  ...opencodeScenarios,
  writeone: (request) => [
    reply([
      tool("write", {
        filePath: join(workingDirectory(request), "hello.txt"),
        content: "line one\n",
      }),
    ]),
    reply("All done."),
  ],
  plan: [
    reply([text("# Plan\n1. Do A\n2. Do B"), tool("plan_exit", {})]),
    reply("After the plan."),
  ],
  draw: [reply([tool("tiny_draw", {})]), reply("All done.")],
  toolong: [reply([streamError("invalid_request_error", "prompt is too long: 300000 tokens")])],
};

const mcp = {
  tiny: { type: "local", command: [tinyServer.command, ...tinyServer.args], enabled: true },
};

/** The real OpenCode, with the tools of the MCP server `tiny`. */
export const opencodeUnderTest: RealAgent<ModelServer> = {
  id: "opencode",
  startModel: () => startModelServer({ scripts }),
  env: (model) => opencodeEnv(model.url, { mcp, permission: { "tiny_*": "ask" } }),
  secrets: [OPENCODE_KEY],
  mark: false,
  process: " serve ",
};
