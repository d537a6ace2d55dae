import type { AgentInfo } from "../../schema/agent.ts";
import { agentName } from "../agents/agent-name.ts";
import { RadioField } from "./fields.tsx";
import { hindranceOf } from "./options.ts";

/** Which agent, and what stands in its way. */
export function AgentChoice({
  agents,
  chosen,
  onChoose,
}: {
  agents: readonly AgentInfo[] | undefined;
  chosen: string;
  onChoose: (id: string) => void;
}) {
  if (!agents) {
    return (
      <p class="empty" role="status">
        Looking for agents …
      </p>
    );
  }
  const options = agents.map((agent) => {
    const { id, version } = agent;
    const isBuiltIn = version === "builtin";
    const known = isBuiltIn ? "Built in: needs no key and no model." : version;
    const description = hindranceOf(agent) ?? known;
    return { id, name: agentName(id), ...(description !== undefined && { description }) };
  });
  return (
    <RadioField name="agent" label="Agent" chosen={chosen} options={options} onChoose={onChoose} />
  );
}
