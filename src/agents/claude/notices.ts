import type { AgentItem } from "../agent.ts";
import type { ContentPart } from "../../schema/content.ts";
import type { Place } from "./blocks.ts";
import type { SystemLine, ToolResultBlock, UserLine } from "./protocol.ts";

/** Labels of system lines that are not the CLI's own word for them. */
const LABELS: Record<string, string> = {
  api_retry: "retry",
  compact_boundary: "compaction",
  task_started: "task",
  task_progress: "task",
  task_updated: "task",
  task_notification: "task",
  background_tasks_changed: "task",
};

/** A notice that is complete at once. */
export function statusItem(label: string, detail: string | null, data: unknown): AgentItem {
  const part: ContentPart = { type: "status", label, detail, data };
  return notice("status", [part]);
}

/** What nothing in the universal schema fits: shown as it is. */
export function unknownItem(line: unknown): AgentItem {
  return notice("unknown", [{ type: "json", json: line }]);
}

/** The notice that a system line is. */
export function systemItem(line: SystemLine): AgentItem {
  const label = LABELS[line.subtype] ?? line.subtype;
  return statusItem(label, detailOf(line), line);
}

function detailOf(line: SystemLine): string | null {
  if (line.subtype === "api_retry") {
    const { attempt, max_retries, error, error_status } = line;
    const why = typeof error === "string" ? error : "error";
    const status = typeof error_status === "number" ? ` ${error_status}` : "";
    return `${why}${status}, attempt ${String(attempt)} of ${String(max_retries)}`;
  }
  const { summary, description, content, status } = line;
  return [summary, description, content, status].find(isText) ?? null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** What the CLI puts into the user's mouth: not the user's words, so no message of theirs. */
export function userNotice(text: string, line: UserLine, place: Place): AgentItem {
  const { parent_tool_use_id } = line;
  const content: ContentPart[] = [{ type: "text", text }];
  // The prompt that a subagent is given by the main agent.
  if (parent_tool_use_id != null) return { ...notice("message", content), role: "user", ...place };
  // Seen of 2.1.330: "[Request interrupted by user]" and "[Request interrupted by user for tool use]".
  if (text.startsWith("[Request interrupted")) return statusItem("interrupted", text, null);
  return notice("system", content);
}

/** The result of a tool call. */
export function toolResultItem(block: ToolResultBlock, line: UserLine, place: Place): AgentItem {
  const failed = block.is_error === true;
  const content = typeof block.content === "string" ? block.content : (block.content ?? []);
  const output = typeof content === "string" ? content : textOf(content);
  const exit_code = exitCode(output, failed, line.tool_use_result);
  const others = typeof content === "string" ? [] : content.filter(({ type }) => type !== "text");
  return {
    nativeId: `${block.tool_use_id}:result`,
    parentNativeId: block.tool_use_id,
    kind: "tool_result",
    role: "tool",
    content: [
      {
        type: "tool_result",
        call_id: block.tool_use_id,
        output,
        ...(exit_code !== undefined && { exit_code }),
      },
      ...others.map((json): ContentPart => ({ type: "json", json })),
    ],
    status: failed ? "failed" : "completed",
    ...(place.subagent && { subagent: place.subagent }),
  };
}

/** Of a shell command only; 2.1.330 says `Exit code 3` in front of a failed command's output. */
function exitCode(output: string, failed: boolean, result: unknown): number | undefined {
  if (failed) {
    const match = /^Exit code (\d+)/.exec(output);
    return match ? Number(match[1]) : undefined;
  }
  if (typeof result !== "object" || result === null) return undefined;
  const finished = "stdout" in result && "interrupted" in result && result.interrupted === false;
  return finished && !("backgroundTaskId" in result) ? 0 : undefined;
}

function textOf(blocks: Record<string, unknown>[]): string {
  return blocks
    .flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : []))
    .join("\n");
}

function notice(kind: AgentItem["kind"], content: ContentPart[]): AgentItem {
  return { nativeId: null, kind, role: "system", content, status: "completed" };
}
