import type { AgentItem, AgentPart } from "../agent.ts";
import type { ContentPart } from "../../schema/content.ts";
import { diffTexts, formatDiff } from "../unified-diff.ts";
import { toMcpTool } from "./mcp.ts";
import type { TextPart, ToolPart } from "./protocol.ts";

/** Where in a conversation an item belongs: inside a subagent, or not. */
export type Place = Pick<AgentItem, "parentNativeId" | "subagent">;

/** The native id of a tool's result. */
export function resultId(callId: string): string {
  return `${callId}:result`;
}

/** A piece of what the model says, begun or complete. */
export function textItem({ id, type, text }: TextPart, complete: boolean, place: Place): AgentItem {
  const content: ContentPart[] =
    type === "reasoning"
      ? [{ type, text: complete ? text : "", visibility: "public" }]
      : complete && text !== ""
        ? [{ type, text }]
        : [];
  return {
    nativeId: id,
    kind: "message",
    role: "assistant",
    content,
    status: complete ? "completed" : "in_progress",
    ...place,
  };
}

/** The call of a tool, with all that it was called with. */
export function callItem(
  { tool, callID, state }: ToolPart,
  place: Place,
  servers: readonly string[],
): AgentItem {
  const mcp = toMcpTool(tool, servers);
  const args = JSON.stringify(state.input);
  return {
    nativeId: callID,
    kind: "tool_call",
    role: "assistant",
    content: [
      { type: "tool_call", name: tool, arguments: args, call_id: callID, ...(mcp && { mcp }) },
    ],
    status: "completed",
    ...place,
  };
}

/** The result of a tool: what it has said, changed and drawn; `asked` is the change that was asked for. */
export function resultItem(part: ToolPart, place: Place, asked?: string): AgentItem {
  const { callID, state } = part;
  const exit = state.metadata?.["exit"];
  // A command that was ended has no exit code.
  const failed = state.status === "error" || (exit !== undefined && exit !== 0);
  const { start, end } = state.time ?? {};
  return {
    nativeId: resultId(callID),
    parentNativeId: callID,
    kind: "tool_result",
    role: "tool",
    content: [
      {
        type: "tool_result",
        call_id: callID,
        output: state.output ?? state.error ?? "",
        ...(typeof exit === "number" && { exit_code: exit }),
        ...(start != null && end != null && { duration_ms: end - start }),
      },
      ...(failed ? [] : filesOf(part, asked)),
      ...(state.attachments ?? []).map(toImage),
    ],
    status: failed ? "failed" : "completed",
    ...(place.subagent && { subagent: place.subagent }),
  };
}

/** The file that a tool has written or edited. */
function filesOf({ tool, state }: ToolPart, asked: string | undefined): ContentPart[] {
  const { filePath, content } = state.input;
  if ((tool !== "write" && tool !== "edit") || typeof filePath !== "string") return [];
  const { diff, exists } = state.metadata ?? {};
  const action = tool === "write" ? "write" : "patch";
  if (tool === "write" && exists === false && typeof content === "string") {
    const created = formatDiff(filePath, diffTexts("", content), "created");
    return [{ type: "file_ref", path: filePath, action, diff: created }];
  }
  const patch = typeof diff === "string" ? diff : asked;
  const text = patch === undefined ? null : withHeaders(filePath, patch);
  return [{ type: "file_ref", path: filePath, action, diff: text }];
}

/** OpenCode's diffs begin with an index line and name the file in its own way (1.18.33). */
function withHeaders(path: string, patch: string): string {
  const hunks = patch.indexOf("@@");
  return `${formatDiff(path, [])}${hunks === -1 ? "" : patch.slice(hunks)}`;
}

function toImage({ mime, url }: { mime: string; url: string }): AgentPart {
  const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
  return data === undefined || !mime.startsWith("image/")
    ? { type: "json", json: { mime, url } }
    : { type: "image_data", data, mime };
}

/** A notice that is complete at once. */
export function statusItem(label: string, detail: string | null, data?: unknown): AgentItem {
  return notice("status", [{ type: "status", label, detail, ...(data !== undefined && { data }) }]);
}

/** What nothing in the universal schema fits: shown as it is. */
export function unknownItem(json: unknown): AgentItem {
  return notice("unknown", [{ type: "json", json }]);
}

/** A list of what is to do. */
export function planItem(
  todos: { content: string; status: string; priority?: string | null | undefined }[],
): AgentItem {
  const entries = todos.map(({ content, status, priority }) => ({
    content,
    status: planStatus(status),
    ...(priority != null && { priority }),
  }));
  return notice("status", [{ type: "plan", entries }]);
}

function planStatus(status: string): "pending" | "in_progress" | "completed" {
  return status === "completed" || status === "in_progress" ? status : "pending";
}

function notice(kind: AgentItem["kind"], content: ContentPart[]): AgentItem {
  return { nativeId: null, kind, role: "system", content, status: "completed" };
}
