import type { Agent } from "../agent.ts";
import { EVERYTHING } from "../capabilities.ts";
import { requireExecutable } from "../opening.ts";
import { ampKeys } from "./credentials.ts";
import { ampHealth } from "./health.ts";
import { ampRecipe } from "./install.ts";
import { Probe } from "./probe.ts";

/**
 * Amp, one kept process per session (driven as observed of 0.0.1790142911, and of the older
 * JavaScript CLI 0.0.1769425000 where that is found). A model is an agent mode of Amp.
 */
export function createAmpAgent(): Agent {
  const probe = new Probe();
  return {
    id: "amp",
    capabilities: {
      ...EVERYTHING,
      planMode: false,
      questions: false,
      status: false,
      // Whole answers come at once; the start and the delta of each item are made up.
      streamingDeltas: false,
      itemStarted: false,
      sharedProcess: false,
    },
    modes: [{ id: "build", name: "Build", description: "Works on the task." }],
    permissionModes: { default: "default", acceptEdits: "acceptEdits", bypass: "bypass" },
    providers: ["amp"],
    keyStore: ampKeys,
    health: ampHealth,
    recipe: ampRecipe,
    defaultModel: null,
    models: async (options) => await (await import("./models.ts")).ampModels(probe, options),
    async ignoredSettings(directory, home) {
      const [{ describeIgnored }, { ampEntries }] = await Promise.all([
        import("../repository.ts"),
        import("./repository.ts"),
      ]);
      return await describeIgnored(directory, home, ampEntries);
    },
    async open(options) {
      const executable = requireExecutable("amp", options.executable);
      const { AmpSession } = await import("./session.ts");
      return await AmpSession.open({ ...options, executable, probe });
    },
  };
}
