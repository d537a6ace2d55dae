import type { AgentItem } from "../agent.ts";
import type { Place } from "./place.ts";
import type { AssistantBlock } from "./protocol.ts";

/** The native id of a content block: a tool call's own, else message and position. */
export function blockId(messageId: string, index: number, block: AssistantBlock): string {
  return block.type === "tool_use" && typeof block["id"] === "string"
    ? block["id"]
    : `${messageId}:${index}`;
}

/** The item of a content block, complete or (with its content still empty) just begun. */
export function blockItem(
  nativeId: string,
  block: AssistantBlock,
  status: "in_progress" | "completed",
  place: Place,
  mcpTool?: string,
): AgentItem {
  const base = { nativeId, role: "assistant", status, ...place } as const;
  if (block.type === "tool_use") {
    const name = typeof block["name"] === "string" ? block["name"] : "unknown";
    const input = JSON.stringify(block["input"] ?? {});
    const part = { type: "tool_call", name, arguments: input, call_id: nativeId } as const;
    return { ...base, kind: "tool_call", content: [{ ...part, ...mcpOf(name, mcpTool) }] };
  }
  if (block.type === "text" && typeof block["text"] === "string") {
    const { text } = block;
    return { ...base, kind: "message", content: text === "" ? [] : [{ type: "text", text }] };
  }
  if (block.type === "thinking" && typeof block["thinking"] === "string") {
    const text = block["thinking"];
    return {
      ...base,
      kind: "message",
      content: [{ type: "reasoning", text, visibility: "public" }],
    };
  }
  if (block.type === "redacted_thinking") {
    return {
      ...base,
      kind: "message",
      content: [{ type: "reasoning", text: "", visibility: "private" }],
    };
  }
  return { ...base, kind: "message", content: [{ type: "json", json: block }] };
}

/**
 * MCP tools are called `mcp__<server>__<tool>`. Where the CLI says which part is the tool, names
 * with `__` in them are told apart too.
 */
function mcpOf(name: string, tool: string | undefined): { mcp?: { server: string; tool: string } } {
  const end = `__${tool}`;
  if (tool !== undefined && name.startsWith("mcp__") && name.endsWith(end)) {
    return { mcp: { server: name.slice("mcp__".length, -end.length), tool } };
  }
  const match = /^mcp__(.+?)__(.+)$/s.exec(name);
  return match?.[1] && match[2] ? { mcp: { server: match[1], tool: match[2] } } : {};
}
