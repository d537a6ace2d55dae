import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { RealAgent } from "../agent-daemon.ts";
import { AMP_KEY, settingsFile } from "../amp-daemon.ts";
import { ampScenarios } from "../amp/scenarios.ts";
import { type AmpServer, startAmpServer } from "../amp/server.ts";
import { httpError, reply, tool } from "../model-script.ts";
import { tinyServer } from "./mcp.ts";

const patchText = "*** Begin Patch\n*** Add File: hello.txt\n+line one\n*** End Patch";
const scripts = {
  ...ampScenarios,
  draw: [reply([tool("mcp__tiny__draw", {})]), reply("All done.")],
  toolong: [httpError(400, { message: "prompt is too long: 250000 tokens > 200000 maximum" })],
  writeone: [reply([tool("apply_patch", { patchText })]), reply("All done.")],
};

/** The real Amp, with the tools of the MCP server `tiny`. */
export const ampUnderTest: RealAgent<AmpServer> = {
  id: "amp",
  startModel: () => startAmpServer({ scripts }),
  env: (model) => ({ AMP_API_KEY: AMP_KEY, AMP_URL: model.url }),
  async prepare(home) {
    const file = settingsFile(home);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ "amp.mcpServers": { tiny: tinyServer } }));
  },
  secrets: [AMP_KEY],
  process: "--stream-json-input",
};
