import type { Command } from "commander";
import { examples, optionsOf } from "../options.ts";
import type { Leaf } from "./api.ts";

const routes = () => import("../commands/api-agents.ts");

/** Adds `api agents …`. */
export function defineApiAgents(api: Command, leaf: Leaf): void {
  const agents = api.command("agents").description("What the daemon knows of its agents.");
  leaf(agents, "list", "All agents, installed or not.")
    .addHelpText("after", examples("sandbox-agent api agents list"))
    .action(async (_options, command: Command) => (await routes()).listAgents(optionsOf(command)));
  leaf(agents, "install", "Install an agent, and wait until it is there.")
    .argument("<agent>", "claude, codex, opencode, amp or mock")
    .option("-r, --reinstall", "download it also when it is there")
    .addHelpText("after", examples("sandbox-agent api agents install claude"))
    .action(async (agent: string, _options, command: Command) =>
      (await routes()).installAgent(agent, optionsOf(command)),
    );
  leaf(agents, "modes", "The modes that a session of an agent can have.")
    .argument("<agent>", "claude, codex, opencode, amp or mock")
    .addHelpText("after", examples("sandbox-agent api agents modes opencode"))
    .action(async (agent: string, _options, command: Command) =>
      (await routes()).listModes(agent, optionsOf(command)),
    );
  leaf(agents, "models", "The models that an agent offers.")
    .argument("<agent>", "claude, codex, opencode, amp or mock")
    .addHelpText("after", examples("sandbox-agent api agents models codex"))
    .action(async (agent: string, _options, command: Command) =>
      (await routes()).listModels(agent, optionsOf(command)),
    );
  leaf(agents, "doctor", "Whether an agent can work there, and the cure of what is wrong.")
    .argument("<agent>", "claude, codex, opencode, amp or mock")
    .option("--check-key", "also ask the model's server whether it takes the key")
    .addHelpText("after", examples("sandbox-agent api agents doctor claude --check-key"))
    .action(async (agent: string, _options, command: Command) =>
      (await routes()).examineAgent(agent, optionsOf(command)),
    );
}
