import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RealAgent } from "../agent-daemon.ts";
import { CODEX_KEY, CONFIG } from "../codex-daemon.ts";
import { repeat, reply, streamError, tool } from "../model-script.ts";
import { codexScenarios } from "../responses/scenarios.ts";
import { type ResponsesServer, startResponsesServer } from "../responses/server.ts";
import { tinyServer } from "./mcp.ts";

const patch = "*** Begin Patch\n*** Add File: hello.txt\n+line one\n*** End Patch\n";
const scripts = {
  ...codexScenarios,
  draw: [reply([tool("mcp__tiny.draw", {})]), reply("All done.")],
  // Codex compacts the conversation before it goes on.
  toolong: [repeat(1, reply([streamError("context_length_exceeded", "the input is too long")]))],
  writeone: [reply([tool("apply_patch", { input: patch })]), reply("All done.")],
};

/** The real Codex as its user has it who has configured nothing. */
export const plainCodex: RealAgent<ResponsesServer> = {
  id: "codex",
  startModel: () => startResponsesServer({ scripts }),
  env: (model) => ({ OPENAI_API_KEY: CODEX_KEY, OPENAI_BASE_URL: model.url }),
  secrets: [CODEX_KEY],
  kind: "method",
  body: { model: "gpt-5.5" },
  process: "app-server",
};

/** The real Codex, with the tools of the MCP server `tiny`. */
export const codexUnderTest: RealAgent<ResponsesServer> = {
  ...plainCodex,
  async prepare(home) {
    await mkdir(join(home.dir, ".codex"));
    const { command, args } = tinyServer;
    const tiny = `[mcp_servers.tiny]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n`;
    await writeFile(join(home.dir, ".codex/config.toml"), `${CONFIG}${tiny}`);
  },
};
