import type { AgentItem, AgentPart } from "../agent.ts";
import type { ContentPart } from "../../schema/content.ts";
import { diffTexts, formatDiff } from "../unified-diff.ts";
import type { ItemOf, ThreadItem } from "./protocol.ts";

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
    case "imageView":
      return undefined;
    default:
      return callItem(item, place);
  }
}

/** What is complete: a message with its text, a call with its result. */
export function completeItem(item: ThreadItem, place: Place): AgentItem | undefined {
  switch (item.type) {
    case "agentMessage":
    case "plan":
      return message(item.id, item.text === "" ? [] : [{ type: "text", text: item.text }], place);
    case "reasoning": {
      const text = [...item.summary, ...item.content].join("\n");
      return message(item.id, [{ type: "reasoning", text, visibility: "public" }], place);
    }
    case "imageView":
      return message(item.id, [{ type: "image", path: item.path, mime: null }], place);
    default:
      return resultItem(item, place);
  }
}

type Call = Exclude<ThreadItem, ItemOf<"agentMessage" | "plan" | "reasoning" | "imageView">>;

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
      return { name: "web_search", input: { query: item.query } };
    case "collabAgentToolCall":
      return { name: item.tool, input: { prompt: item.prompt } };
    case "subAgentActivity":
      return { name: "spawnAgent", input: { agentThreadId: item.agentThreadId } };
  }
}

/** The result of a tool: what it has said, changed and drawn. */
function resultItem(item: Call, place: Place): AgentItem {
  const { output, parts = [], exitCode, durationMs } = resultOf(item);
  const failed =
    "status" in item && typeof item.status === "string" && /failed|declined/.test(item.status);
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

function resultOf(item: Call): {
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
        parts: item.status === "completed" ? item.changes.map(fileRef) : [],
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
    case "collabAgentToolCall":
    case "subAgentActivity":
      return { output: "" };
  }
}

function declined(status: string): string {
  return status === "declined" ? "The user rejected this." : "";
}

/** A new or deleted file has its content for a diff, a changed one hunks without a header (0.169.0). */
function fileRef({ path, kind, diff }: ItemOf<"fileChange">["changes"][number]): ContentPart {
  const base = { type: "file_ref", path } as const;
  if (kind.type === "add") {
    return { ...base, action: "write", diff: formatDiff(path, diffTexts("", diff), "created") };
  }
  if (kind.type === "delete") {
    const gone = formatDiff(path, diffTexts(diff, ""), "deleted");
    return { ...base, action: "write", diff: gone, deleted: true };
  }
  return { ...base, action: "patch", diff: `${formatDiff(path, [])}${diff}` };
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
export function statusItem(label: string, detail: string | null, data?: unknown): AgentItem {
  return notice("status", [{ type: "status", label, detail, ...(data !== undefined && { data }) }]);
}

/** What nothing in the universal schema fits: shown as it is. */
export function unknownItem(method: string, params: unknown): AgentItem {
  return notice("unknown", [{ type: "json", json: { method, params } }]);
}

/** A plan or list of what is to do. */
export function planItem(entries: { step: string; status: string }[]): AgentItem {
  return notice("status", [
    {
      type: "plan",
      entries: entries.map(({ step, status }) => ({ content: step, status: planStatus(status) })),
    },
  ]);
}

function planStatus(status: string): "pending" | "in_progress" | "completed" {
  if (status === "completed") return "completed";
  return status === "inProgress" ? "in_progress" : "pending";
}

function notice(kind: AgentItem["kind"], content: ContentPart[]): AgentItem {
  return { nativeId: null, kind, role: "system", content, status: "completed" };
}
