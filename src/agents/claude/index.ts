import type { Agent } from "../agent.ts";
import { EVERYTHING } from "../capabilities.ts";
import { requireExecutable } from "../opening.ts";
import { invalidRequest } from "../../schema/problem.ts";
import { claudeKeys } from "./credentials.ts";
import { claudeHealth } from "./health.ts";
import { claudeRecipe } from "./install.ts";

/** Claude Code, one kept process per session (driven as observed of 2.1.332). */
export const claudeAgent: Agent = {
  id: "claude",
  capabilities: { ...EVERYTHING, sharedProcess: false },
  modes: [
    { id: "build", name: "Build", description: "Works on the task." },
    { id: "plan", name: "Plan", description: "Plans first and asks before it begins to work." },
  ],
  permissionModes: {
    default: "default",
    plan: "plan",
    acceptEdits: "acceptEdits",
    bypass: "bypass",
  },
  providers: ["anthropic"],
  keyStore: claudeKeys,
  health: claudeHealth,
  recipe: claudeRecipe,
  defaultModel: null,
  check({ permissionMode, env, uid }) {
    if (permissionMode !== "bypass" || uid !== 0 || env["IS_SANDBOX"] === "1") return;
    throw invalidRequest(
      "permission mode bypass is not supported as root: Claude refuses --dangerously-skip-permissions with root privileges; run the daemon as another user, or with IS_SANDBOX=1 inside a sandbox",
    );
  },
  models: async (options) => await (await import("./models.ts")).claudeModels(options),
  async ignoredSettings(directory, home) {
    const [{ describeIgnored }, { claudeEntries }] = await Promise.all([
      import("../repository.ts"),
      import("./repository.ts"),
    ]);
    return await describeIgnored(directory, home, claudeEntries);
  },
  async open(options) {
    const executable = requireExecutable("claude", options.executable);
    const { ClaudeSession } = await import("./connection.ts");
    return new ClaudeSession({ ...options, executable });
  },
};
