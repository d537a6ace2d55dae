import type { AgentItem, AgentPart } from "../agent.ts";
import type { ContentPart } from "../../schema/content.ts";
import { type Change, diffTexts, formatDiff, type Hunk, readHunks } from "../unified-diff.ts";
import type { ItemOf, ThreadItem, UserMessage } from "./protocol.ts";

/** Where in a conversation an item belongs: inside a subagent, or not. */
export type Place = Pick<AgentItem, "parentNativeId" | "subagent">;

/** The native id of a tool's result, which Codex tells as the same item as its call. */
export function resultId(id: string): string {
  return `${id}:result`;
}

/** What has begun: a message is begun, a call is complete as soon as it is known. */
export function begunItem(item: ThreadItem, place: Place): AgentItem | undefined {
  switch (item.type) {
    case "agentMessage":
    case "plan":
      return { ...message(item.id, [], place), status: "in_progress" };
    case "reasoning":
      return {
        ...message(item.id, [{ type: "reasoning", text: "", visibility: "public" }], place),
        status: "in_progress",
      };
    // What the provider itself does may be known only when it is done.
    case "webSearch":
    case "imageGeneration":
      return { ...callItem(item, place), status: "in_progress" };
    case "subAgentActivity":
      return item.kind === "started" ? callItem(item, place) : undefined;
    default:
      return callItem(item, place);
  }
}

/** What is complete: a message with its text, a call with its result. */
export function completeItems(item: ThreadItem, place: Place, existed?: Existed): AgentItem[] {
  switch (item.type) {
    case "agentMessage":
    case "plan":
      return [message(item.id, item.text === "" ? [] : [{ type: "text", text: item.text }], place)];
    case "reasoning": {
      const text = [...item.summary, ...item.content].join("\n");
      return [message(item.id, [{ type: "reasoning", text, visibility: "public" }], place)];
    }
    case "webSearch":
    case "imageGeneration":
      return [callItem(item, place), resultItem(item, place)];
    case "subAgentActivity": {
      if (item.kind === "started") return [resultItem(item, place)];
      const detail = `subagent ${item.agentPath ?? item.agentThreadId}: ${item.kind}`;
      return [statusItem("task", detail, item, place)];
    }
    default:
      return [resultItem(item, place, existed)];
  }
}

/** A message of the user that reached Codex beside those that the daemon tells. */
export function userMessageItem({ id, content }: UserMessage, place: Place): AgentItem {
  const text = content.flatMap((part) => (part.text === undefined ? [] : [part.text])).join("\n");
  return { ...message(id, [{ type: "text", text }], place), role: "user" };
}

type Call = Exclude<ThreadItem, ItemOf<"agentMessage" | "plan" | "reasoning">>;

/** The call of a tool, with all that it was called with. */
function callItem(item: Call, place: Place): AgentItem {
  const { name, input, mcp } = callOf(item);
  const part: ContentPart = {
    type: "tool_call",
    name,
    arguments: JSON.stringify(input ?? {}),
    call_id: item.id,
    ...(mcp && { mcp }),
  };
  return {
    nativeId: item.id,
    kind: "tool_call",
    role: "assistant",
    content: [part],
    status: "completed",
    ...place,
  };
}

function callOf(item: Call): {
  name: string;
  input: unknown;
  mcp?: { server: string; tool: string };
} {
  switch (item.type) {
    case "commandExecution":
      return { name: "shell", input: { command: item.command, cwd: item.cwd } };
    case "fileChange": {
      const changes = item.changes.map(({ path, kind }) => ({ path, kind: kind.type }));
      return { name: "apply_patch", input: { changes } };
    }
    case "mcpToolCall": {
      const { server, tool } = item;
      return { name: `${server}.${tool}`, input: item.arguments, mcp: { server, tool } };
    }
    case "webSearch":
      return {
        name: "web_search",
        input: { query: item.query, ...(item.action && { action: item.action }) },
      };
    case "imageView":
      return { name: "view_image", input: { path: item.path } };
    case "imageGeneration": {
      const { revisedPrompt } = item;
      return { name: "image_generation", input: revisedPrompt == null ? {} : { revisedPrompt } };
    }
    case "sleep":
      return { name: "sleep", input: { durationMs: item.durationMs } };
    case "collabAgentToolCall": {
      const { prompt, receiverThreadIds: agents } = item;
      const input = { ...(prompt != null && { prompt }), ...(agents.length > 0 && { agents }) };
      return { name: item.tool, input };
    }
    case "subAgentActivity": {
      const { agentThreadId, agentPath } = item;
      return { name: "spawnAgent", input: { agentThreadId, ...(agentPath && { agentPath }) } };
    }
  }
}

/** The result of a tool of which nothing is known but what it has said. */
export function bareResult(
  id: string,
  output: string,
  status: AgentItem["status"],
  { subagent }: Place,
): AgentItem {
  return {
    nativeId: resultId(id),
    parentNativeId: id,
    kind: "tool_result",
    role: "tool",
    content: [{ type: "tool_result", call_id: id, output }],
    status,
    ...(subagent && { subagent }),
  };
}

/** The result of a tool: what it has said, changed and drawn. */
function resultItem(item: Call, place: Place, existed = neverExisted): AgentItem {
  const { output, parts = [], exitCode, durationMs } = resultOf(item, existed);
  const failed =
    "status" in item && typeof item.status === "string" && /failed|declined/i.test(item.status);
  return {
    nativeId: resultId(item.id),
    parentNativeId: item.id,
    kind: "tool_result",
    role: "tool",
    content: [
      {
        type: "tool_result",
        call_id: item.id,
        output,
        ...(exitCode != null && { exit_code: exitCode }),
        ...(durationMs != null && { duration_ms: durationMs }),
      },
      ...parts,
    ],
    status: failed ? "failed" : "completed",
    ...(place.subagent && { subagent: place.subagent }),
  };
}

function resultOf(
  item: Call,
  existed: Existed,
): {
  output: string;
  parts?: AgentPart[];
  exitCode?: number | null | undefined;
  durationMs?: number | null | undefined;
} {
  switch (item.type) {
    case "commandExecution": {
      const { aggregatedOutput, exitCode, durationMs, status } = item;
      return { output: aggregatedOutput ?? declined(status), exitCode, durationMs };
    }
    case "fileChange":
      return {
        output: declined(item.status),
        parts:
          item.status === "completed"
            ? item.changes.flatMap((change) => fileRefs(change, existed))
            : [],
      };
    case "mcpToolCall": {
      const blocks = item.result?.content ?? [];
      const text = blocks.flatMap((block) =>
        typeof block["text"] === "string" ? [block["text"]] : [],
      );
      const parts = blocks.filter(({ type }) => type !== "text").map(toPart);
      return { output: item.error?.message ?? text.join("\n"), parts, durationMs: item.durationMs };
    }
    case "webSearch":
      return { output: item.results ? JSON.stringify(item.results) : "" };
    case "imageView":
      return { output: "", parts: [{ type: "image", path: item.path, mime: null }] };
    case "imageGeneration":
      return {
        output: item.failure == null ? "" : JSON.stringify(item.failure),
        parts: drawn(item),
      };
    case "collabAgentToolCall": {
      const said = Object.values(item.agentsStates).flatMap(({ message }) => message ?? []);
      return { output: said.join("\n") };
    }
    case "sleep":
    case "subAgentActivity":
      return { output: "" };
  }
}

/** A generated picture: its data, else the file that it was saved to. */
function drawn({ result, savedPath }: ItemOf<"imageGeneration">): AgentPart[] {
  if (result) return [{ type: "image_data", data: result, mime: imageMime(result) }];
  return savedPath ? [{ type: "image", path: savedPath, mime: null }] : [];
}

/** The kind of a picture by the first bytes of its base64. */
function imageMime(data: string): string {
  if (data.startsWith("/9j/")) return "image/jpeg";
  return data.startsWith("UklGR") ? "image/webp" : "image/png";
}

function declined(status: string): string {
  return status === "declined" ? "The user rejected this." : "";
}

type FileChange = ItemOf<"fileChange">["changes"][number];
/** Reports if a file is known to have existed before it was added. */
export type Existed = (path: string) => boolean;

const neverExisted: Existed = () => false;

/** The files of a change: of a file that was moved, also the name that it had. */
function fileRefs(change: FileChange, existed: Existed): ContentPart[] {
  const { path, kind } = change;
  const { move_path: moved } = kind;
  const diff = unifiedDiff(change, existed);
  if (moved != null) {
    return [
      { type: "file_ref", path, action: "write", diff: null, deleted: true },
      { type: "file_ref", path: moved, action: "write", diff },
    ];
  }
  const action = kind.type === "update" ? "patch" : "write";
  const deleted = kind.type === "delete" && { deleted: true as const };
  return [{ type: "file_ref", path, action, diff, ...deleted }];
}

/**
 * The unified diff of a change. Codex reports the content of a file that it adds or deletes, and hunks
 * without file headers for one that it updates, followed by the new name of a file that it moves. A
 * file that it adds, or the target of a move, may exist. Observed in codex 0.169.0.
 */
export function unifiedDiff(
  { path, kind, diff }: FileChange,
  existed: Existed = neverExisted,
): string | null {
  if (kind.type === "add") {
    return existed(path) ? null : formatDiff(path, diffTexts("", diff), "created");
  }
  if (kind.type === "delete") return formatDiff(path, diffTexts(diff, ""), "deleted");
  const { move_path: moved } = kind;
  if (moved == null) return formatDiff(path, hunksOf(diff));
  if (existed(moved)) return null;
  const change: Change = { from: path };
  const trailer = `\n\nMoved to: ${moved}`;
  return formatDiff(
    moved,
    hunksOf(diff.endsWith(trailer) ? diff.slice(0, -trailer.length) : diff),
    change,
  );
}

/**
 * The hunks of a diff of Codex. Codex takes a carriage return alone for a line end (0.171.0), and such a
 * diff does not apply. A file with CRLF in some lines only looks the same.
 */
function hunksOf(diff: string): Hunk[] | undefined {
  const hunks = readHunks(diff);
  const lines = (hunks ?? [])
    .flatMap((hunk) => hunk.lines)
    .filter((line) => !line.startsWith("\\"));
  const returns = lines.filter((line) => line.endsWith("\r")).length;
  return returns === 0 || returns === lines.length ? hunks : undefined;
}

function toPart(block: Record<string, unknown>): AgentPart {
  const { type, data, mimeType } = block;
  if (type === "image" && typeof data === "string" && typeof mimeType === "string") {
    return { type: "image_data", data, mime: mimeType };
  }
  return { type: "json", json: block };
}

function message(nativeId: string, content: AgentPart[], place: Place): AgentItem {
  return { nativeId, kind: "message", role: "assistant", content, status: "completed", ...place };
}

/** A notice that is complete at once. */
export function statusItem(
  label: string,
  detail: string | null,
  data?: unknown,
  place: Place = {},
): AgentItem {
  const part = { type: "status", label, detail, ...(data !== undefined && { data }) } as const;
  return notice("status", part, place);
}

/** What nothing in the universal schema fits: shown as it is. */
export function unknownItem(method: string, params: unknown, place: Place = {}): AgentItem {
  return notice("unknown", { type: "json", json: { method, params } }, place);
}

/** A plan or list of what is to do. */
export function planItem(steps: { step: string; status: string }[], place: Place): AgentItem {
  const entries = steps.map(({ step, status }) => ({ content: step, status: planStatus(status) }));
  return notice("status", { type: "plan", entries }, place);
}

function planStatus(status: string): "pending" | "in_progress" | "completed" {
  if (status === "completed") return "completed";
  return status === "inProgress" ? "in_progress" : "pending";
}

function notice(kind: AgentItem["kind"], part: ContentPart, place: Place): AgentItem {
  return { nativeId: null, kind, role: "system", content: [part], status: "completed", ...place };
}
