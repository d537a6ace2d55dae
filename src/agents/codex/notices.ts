import type { AgentItem } from "../agent.ts";
import { ownMember, shown } from "../foreign.ts";
import { isRecord } from "../json-line.ts";
import { type Place, statusItem, unknownItem } from "./items.ts";

type Params = Record<string, unknown>;

/** How a notice is told: its label, and the words for it. */
type Notice = (params: Params) => { label: string; detail: string };

const warning: Notice = ({ message, summary, details }) => ({
  label: "warning",
  detail: [message, summary, details].filter((words) => typeof words === "string").join(" "),
});

/** Notices of a thread that are told as they come, each as an item with all that was said. */
const NOTICES: Record<string, Notice> = {
  warning,
  configWarning: warning,
  deprecationNotice: warning,
  guardianWarning: warning,
  "model/rerouted": ({ fromModel, toModel, reason }) => ({
    label: "model",
    detail: `${shown(fromModel)} is replaced by ${shown(toModel)}: ${shown(reason)}`,
  }),
  "model/verification": ({ verifications }) => ({
    label: "model",
    detail: `verification: ${shown(verifications)}`,
  }),
  "model/safetyBuffering/updated": ({ model, reasons }) => ({
    label: "model",
    detail: `${shown(model)} is held back: ${shown(reasons)}`,
  }),
  "modelProvider/authRecoveryStarted": () => ({ label: "auth", detail: "renews the login" }),
  "modelProvider/authRecoveryCompleted": () => ({ label: "auth", detail: "has renewed the login" }),
  "mcpServer/startupStatus/updated": ({ name, status, error }) => ({
    label: error == null ? "mcp" : "warning",
    detail: `MCP server ${shown(name)}: ${shown(error ?? status)}`,
  }),
  "mcpServer/oauthLogin/completed": ({ name, success, error }) => ({
    label: success === true ? "mcp" : "warning",
    detail: `MCP server ${shown(name)}: ${success === true ? "logged in" : shown(error)}`,
  }),
  "mcpServer/event/stream/notification": () => ({
    label: "mcp",
    detail: "an MCP server tells something",
  }),
  "item/mcpToolCall/progress": ({ message }) => ({ label: "mcp", detail: shown(message) }),
  "hook/completed": ({ run }) => ({
    label: "hook",
    detail: isRecord(run) ? `${shown(run["eventName"])}: ${shown(run["status"])}` : "",
  }),
  "item/autoApprovalReview/completed": ({ review }) => ({
    label: "review",
    detail: isRecord(review) ? shown(review["status"]) : "",
  }),
  "autoApprovalReview/strictReviewRequired": () => ({
    label: "review",
    detail: "every command is reviewed before it runs",
  }),
  "turn/moderationMetadata": () => ({ label: "moderation", detail: "the turn was moderated" }),
  "thread/environment/disconnected": ({ environmentId }) => ({
    label: "warning",
    detail: `the environment ${shown(environmentId)} has gone`,
  }),
  "thread/reverted": () => ({ label: "reverted", detail: "the conversation was taken back" }),
  "thread/realtime/error": warning,
};

/** What is left out on purpose, by the reason for it. */
const LEFT_OUT = [
  // Others tell it: the daemon its own turns, messages and requests, an item what it was about.
  "thread/started",
  "thread/status/changed",
  "turn/started",
  "turn/completed",
  "serverRequest/resolved",
  "turn/diff/updated",
  "thread/compacted",
  "item/reasoning/summaryPartAdded",
  "item/fileChange/outputDelta",
  "item/fileChange/patchUpdated",
  "hook/started",
  "item/autoApprovalReview/started",
  // What a client of Codex keeps for its own windows: what is read, named, sorted, queued, foretold.
  "thread/readState/changed",
  "thread/settings/updated",
  "thread/archived",
  "thread/deleted",
  "thread/unarchived",
  "thread/closed",
  "thread/name/updated",
  "thread/section/changed",
  "thread/attachment/updated",
  "thread/project/updated",
  "thread/prediction/updated",
  "thread/queue/changed",
  "thread/goal/cleared",
  "thread/environment/connected",
  // Speech is never begun by us.
  "thread/realtime/started",
  "thread/realtime/itemAdded",
  "thread/realtime/item/started",
  "thread/realtime/item/transcript/delta",
  "thread/realtime/item/completed",
  "thread/realtime/transcript/delta",
  "thread/realtime/transcript/done",
  "thread/realtime/outputAudio/delta",
  "thread/realtime/sdp",
  "thread/realtime/closed",
];

/**
 * What is said of the whole server and of no thread: it belongs to no session. The limits of an
 * account come after each answer of the model; a turn that meets one is told so by its error.
 */
const OF_NO_THREAD = [
  "account/rateLimits/updated",
  "account/updated",
  "account/gatewayOAuth/changed",
  "account/login/completed",
  "skills/changed",
  "project/changed",
  "app/list/updated",
  "remoteControl/status/changed",
  "externalAgentConfig/import/progress",
  "externalAgentConfig/import/completed",
  "fs/changed",
  "fuzzyFileSearch/sessionUpdated",
  "fuzzyFileSearch/sessionCompleted",
  "thread/search/partial",
  "command/exec/outputDelta",
  "process/outputDelta",
  "process/exited",
  "windows/worldWritableWarning",
  "windowsSandbox/setupCompleted",
];

/** Notifications that tell a client of ours nothing. */
export const SILENT: ReadonlySet<string> = new Set([...LEFT_OUT, ...OF_NO_THREAD]);

/** A notice as an item; undefined for what is none. */
export function noticeOf(method: string, params: Params, place: Place): AgentItem | undefined {
  const told = ownMember(NOTICES, method)?.(params);
  return told && statusItem(told.label, told.detail === "" ? null : told.detail, params, place);
}

/**
 * What is told of something that the server says of no thread, if anything is. What it says of the
 * configuration when it starts, before there is any, each thread is told again as a warning (0.169.0).
 */
export function serverNotice(method: string, params: Params): AgentItem | undefined {
  if (SILENT.has(method)) return undefined;
  return noticeOf(method, params, {}) ?? unknownItem(method, params);
}
