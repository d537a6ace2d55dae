import { expect, it } from "vitest";
import { ampAgent } from "../../src/agents/amp/index.ts";
import { AgentCapabilities } from "../../src/schema/agent.ts";
import { createSessions } from "../support/sessions.ts";

it.each([[ampAgent, "amp", ["anthropic"]]] as const)(
  "lists an agent that is not supported yet and refuses its sessions",
  async (...row) => {
    const [agent, id, providers] = row;
    expect(agent).toMatchObject({ id, providers, modes: [], permissionModes: {} });
    expect(AgentCapabilities.parse(agent.capabilities)).toEqual(agent.capabilities);
    expect(Object.values(agent.capabilities)).not.toContain(true);
    await using sessions = createSessions([agent]);
    await expect(sessions.create("s", { agent: id })).rejects.toMatchObject({
      kind: "unsupported_agent",
      message: `unsupported agent: ${id} is not supported by this version yet`,
      extensions: { agent: id },
    });
    expect(sessions.list()).toEqual([]);
  },
);
