import type { AgentItem } from "../agent.ts";

/** Where in a conversation an item belongs: inside a subagent, or not. */
export type Place = Pick<AgentItem, "parentNativeId" | "subagent">;

interface Placed {
  parent_tool_use_id?: string | null | undefined;
  agent_id?: string | null | undefined;
  subagent_type?: string | null | undefined;
}

/** The place of what a line tells. */
export function placeOf({ parent_tool_use_id, agent_id, subagent_type }: Placed): Place {
  if (parent_tool_use_id == null) return {};
  return {
    parentNativeId: parent_tool_use_id,
    subagent: {
      id: agent_id ?? parent_tool_use_id,
      ...(subagent_type != null && { name: subagent_type }),
    },
  };
}

/** The tool call that started the subagent which speaks; "" is the main conversation. */
export function placeKey(line: { parent_tool_use_id?: unknown }): string {
  return typeof line.parent_tool_use_id === "string" ? line.parent_tool_use_id : "";
}
