import type { AgentItem, AgentPart } from "../agent.ts";
import type { ContentPart } from "../../schema/content.ts";
import { exactHunks, type KnownFiles } from "../file-facts.ts";
import { diffTexts, formatDiff, readHunks } from "../unified-diff.ts";
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

/** The path of the file that a call changes. */
export function fileToChange({ tool, state }: ToolPart): string | undefined {
  const { filePath } = state.input;
  const changes = tool === "write" || tool === "edit";
  return changes && typeof filePath === "string" ? filePath : undefined;
}

/** Facts beside the result of a call. */
interface Known {
  /** The diff in the permission for the change. */
  asked?: string | undefined;
  /** The files that calls have concerned. */
  files?: KnownFiles | undefined;
}

/** The result of a tool: what it has said, changed and drawn. */
export function resultItem(part: ToolPart, place: Place, known: Known = {}): AgentItem {
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
      ...(failed ? [] : filesOf(part, known)),
      ...(state.attachments ?? []).map(toImage),
    ],
    status: failed ? "failed" : "completed",
    ...(place.subagent && { subagent: place.subagent }),
  };
}

/** The file that a tool has written or edited. */
function filesOf(part: ToolPart, { asked, files }: Known): ContentPart[] {
  const path = fileToChange(part);
  if (path === undefined) return [];
  const { tool, state } = part;
  const { content } = state.input;
  const { diff, exists } = state.metadata ?? {};
  if (tool === "write" && exists === false && typeof content === "string") {
    const created = formatDiff(path, diffTexts("", content), "created");
    return [{ type: "file_ref", path, action: "write", diff: created }];
  }
  const native = typeof diff === "string" ? diff : asked;
  const exact = native === undefined ? null : exactDiff(path, native, tool, files?.of(path));
  return [{ type: "file_ref", path, action: tool === "write" ? "write" : "patch", diff: exact }];
}

/**
 * The diff of a file as it applies to its bytes. OpenCode shows the text without a byte order mark,
 * and with LF. Of a file with CRLF `edit` keeps the line ends, and `write` does not (1.18.33).
 */
export function exactDiff(
  path: string,
  native: string,
  tool: string | undefined,
  facts: ReturnType<KnownFiles["of"]>,
): string | null {
  const hunks = exactHunks(readHunks(native), facts, { keepsEnds: tool === "edit" });
  const creates = facts === undefined && hunks?.length === 1 && hunks[0]?.oldLines === 0;
  return formatDiff(path, hunks, creates ? "created" : "changed");
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
