import type { AgentItem, AgentOutput } from "../agent.ts";
import type { ContentPart } from "../../schema/content.ts";
import { ownMember, shown } from "../foreign.ts";
import { isRecord } from "../json-line.ts";
import type { Place } from "./place.ts";
import type { SystemLine, UserLine } from "./protocol.ts";

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

/** An item that is told when it is complete. */
export function completed(item: AgentItem): AgentOutput {
  return { type: "item.completed", item };
}

/** A notice that is complete at once. */
export function statusItem(label: string, detail: string | null, data: unknown): AgentItem {
  const part: ContentPart = { type: "status", label, detail, data };
  return notice("status", [part]);
}

/** What nothing in the universal schema fits: shown as it is. */
export function unknownItem(line: unknown): AgentItem {
  return notice("unknown", [{ type: "json", json: line }]);
}

/** The notice that a system line is; one about a task belongs to the call that began the task. */
export function systemItem(line: SystemLine): AgentItem {
  const label = ownMember(LABELS, line.subtype) ?? line.subtype;
  const item = statusItem(label, detailOf(line), line);
  const { tool_use_id } = line;
  return typeof tool_use_id === "string" ? { ...item, parentNativeId: tool_use_id } : item;
}

function detailOf(line: SystemLine): string | null {
  if (line.subtype === "api_retry") {
    const { attempt, max_retries, error, error_status } = line;
    const why = typeof error === "string" ? error : "error";
    const status = typeof error_status === "number" ? ` ${error_status}` : "";
    return `${why}${status}, attempt ${shown(attempt)} of ${shown(max_retries)}`;
  }
  const { summary, description, content, patch } = line;
  return (
    [summary, description, content, line.status, isRecord(patch) && patch["status"]].find(isText) ??
    null
  );
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
  const command = /^<local-command-(?:stdout|stderr)>(.*)<\/local-command-\w+>$/s.exec(text);
  if (command) return statusItem("command", command[1]?.trim() ?? "", null);
  return notice("system", content);
}

function notice(kind: AgentItem["kind"], content: ContentPart[]): AgentItem {
  return { nativeId: null, kind, role: "system", content, status: "completed" };
}
