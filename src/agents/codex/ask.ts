import type { AgentItem, PermissionRequest, QuestionRequest } from "../agent.ts";
import { commandKey, fileChangeKey, memoryKey, uniqueKey } from "../memory-key.ts";
import type { PermissionReply } from "../../schema/permission.ts";
import { formOf } from "./elicitation.ts";
import { statusItem } from "./items.ts";
import { isReading } from "./reading.ts";
import { asked, type CommandApproval, type Elicitation, type FileApproval } from "./protocol.ts";
import type { PermissionsApproval, UserInput } from "./protocol.ts";

/** A request of the server, as a client sees it, and how a reply to it is answered. */
export type Ask =
  | { kind: "permission"; request: PermissionRequest; toAnswer: (reply: PermissionReply) => object }
  | {
      kind: "question";
      request: QuestionRequest;
      /** Throws a problem where the answers do not fit: the question stays open. */
      toAnswer: (answers: string[][] | null) => object;
    }
  /** Answered at once, because no client of ours could: it is only told. */
  | { kind: "told"; item: AgentItem; answer: object };

/** What is known of the item that an approval is for. */
export interface AskedItem {
  /** Files that it changes. */
  paths: string[];
  /** Files that it creates, or replaces as a whole. */
  added: string[];
  diff: string | null;
}

const READING = ["read", "listFiles", "search"];
/**
 * An "always" is not answered with `acceptForSession`: Codex then shows no later request, so that the
 * log misses it (0.169.0). The session remembers "always" for every agent alike.
 */
const DECISIONS = { once: "accept", always: "accept", reject: "decline" } as const;

/** Translates a request of the server; undefined for one that no client of ours could answer. */
export function toAsk(
  id: string,
  method: string,
  params: unknown,
  item: AskedItem | undefined,
): Ask | undefined {
  switch (method) {
    case "item/commandExecution/requestApproval": {
      const parsed = asked[method].safeParse(params).data;
      return parsed && commandAsk(id, parsed);
    }
    case "item/fileChange/requestApproval": {
      const parsed = asked[method].safeParse(params).data;
      return parsed && fileAsk(id, parsed, item);
    }
    case "item/tool/requestUserInput": {
      const parsed = asked[method].safeParse(params).data;
      return parsed && inputAsk(id, parsed);
    }
    case "mcpServer/elicitation/request": {
      const parsed = asked[method].safeParse(params).data;
      if (!parsed) return undefined;
      const isApproval = parsed._meta?.codex_approval_kind === "mcp_tool_call";
      return isApproval ? mcpAsk(id, parsed) : elicitationAsk(id, parsed);
    }
    case "item/permissions/requestApproval": {
      const parsed = asked[method].safeParse(params).data;
      return parsed && permissionsAsk(id, parsed);
    }
    default:
      return undefined;
  }
}

/** Reports if a command only reads, which is always allowed: by Codex's parse and by ours. */
export function readsOnly(params: unknown): boolean {
  const { data } = asked["item/commandExecution/requestApproval"].safeParse(params);
  if (data?.command == null || data.networkApprovalContext != null) return false;
  if (data.additionalPermissions != null || data.commandActions.length === 0) return false;
  // Input for a command that runs already is another kind.
  if (data.kind != null && data.kind !== "command") return false;
  const reads = data.commandActions.every(({ type }) => READING.includes(type));
  return reads && isReading(data.command);
}

function commandAsk(id: string, params: CommandApproval): Ask {
  const { itemId, command, cwd, reason, networkApprovalContext, additionalPermissions } = params;
  const { kind, environmentId } = params;
  const modifiers = { kind, environmentId, networkApprovalContext, additionalPermissions };
  return {
    kind: "permission",
    request: {
      id,
      action: "commandExecution",
      memoryKey:
        command == null || cwd == null
          ? uniqueKey(id)
          : commandKey("commandExecution", command, cwd, modifiers),
      metadata: {
        ...reference("commandExecution", id, params),
        tool: "shell",
        input: { command, cwd },
        call_id: itemId,
        ...(command != null && { command }),
        ...(reason != null && { reason }),
      },
    },
    toAnswer: (reply) => ({ decision: DECISIONS[reply] }),
  };
}

function fileAsk(id: string, params: FileApproval, item: AskedItem | undefined): Ask {
  const { itemId, reason, grantRoot } = params;
  const { paths = [], diff } = item ?? {};
  return {
    kind: "permission",
    request: {
      id,
      action: "fileChange",
      memoryKey:
        paths.length === 0 ? uniqueKey(id) : fileChangeKey("fileChange", paths, "/", { grantRoot }),
      metadata: {
        ...reference("fileChange", id, params),
        tool: "apply_patch",
        input: { changes: paths },
        call_id: itemId,
        paths,
        ...(diff != null && { diff }),
        ...(reason != null && { reason }),
        ...(grantRoot != null && { grantRoot }),
      },
    },
    toAnswer: (reply) => ({ decision: DECISIONS[reply] }),
  };
}

/** The permission for an MCP tool, which Codex requests as an elicitation. */
function mcpAsk(id: string, { serverName, message, _meta }: Elicitation): Ask {
  const tool = `${serverName}.${_meta?.tool_name ?? ""}`;
  const input = _meta?.tool_params ?? {};
  return {
    kind: "permission",
    request: {
      id,
      action: "mcpToolCall",
      memoryKey: memoryKey("mcpToolCall", { serverName, tool: _meta?.tool_name, input }),
      metadata: { tool, input, reason: message, mcp: { server: serverName } },
    },
    toAnswer: (reply) => ({
      action: reply === "reject" ? "decline" : "accept",
      content: {},
      // A `persist` here would make Codex allow every later call of the tool (0.169.0).
      _meta: null,
    }),
  };
}

const DECLINED = { action: "decline", content: null, _meta: null };

function elicitationAsk(id: string, params: Elicitation): Ask {
  const form = formOf(params);
  if (form) {
    return {
      kind: "question",
      request: { id, questions: form.parts },
      toAnswer: (answers) => {
        const content = answers && form.toContent(answers);
        return content ? { action: "accept", content, _meta: null } : DECLINED;
      },
    };
  }
  const { serverName, message, url, mode } = params;
  const what = [message, url].filter((words) => words != null && words !== "").join(" ");
  const detail = `MCP server ${serverName} asked what cannot be answered here, and was told no: ${what}`;
  return {
    kind: "told",
    item: statusItem("warning", detail, { server: serverName, mode, message, url }),
    answer: DECLINED,
  };
}

/** Grants exactly the permissions of the request, and never beyond the turn. */
function permissionsAsk(id: string, params: PermissionsApproval): Ask {
  const { itemId, cwd, reason, permissions } = params;
  const wanted = Object.entries(permissions).filter(([, value]) => value != null);
  const input = { permissions: Object.fromEntries(wanted), cwd };
  return {
    kind: "permission",
    request: {
      id,
      action: "permissions",
      memoryKey: memoryKey("permissions", input),
      metadata: {
        ...reference("permissions", id, params),
        tool: "request_permissions",
        input,
        call_id: itemId,
        ...(reason != null && { reason }),
      },
    },
    toAnswer: (reply) => ({
      permissions: reply === "reject" ? {} : input.permissions,
      scope: "turn",
    }),
  };
}

function inputAsk(id: string, { questions }: UserInput): Ask {
  const optionsOnly = questions.flatMap(({ isOther, options }, index) =>
    isOther === false && options?.length ? [index] : [],
  );
  return {
    kind: "question",
    request: {
      id,
      ...(optionsOnly.length > 0 && { optionsOnly }),
      questions: questions.map(({ question, header, options }) => ({
        question,
        ...(header != null && { header }),
        multi_select: false,
        options: (options ?? []).map(({ label, description }) => ({
          label,
          ...(description != null && { description }),
        })),
      })),
    },
    toAnswer: (answers) => ({
      answers: answers
        ? Object.fromEntries(
            questions.map((question, index) => [question.id, { answers: answers[index] ?? [] }]),
          )
        : {},
    }),
  };
}

/** What clients of the reference read. */
function reference(kind: string, id: string, params: Record<string, unknown>) {
  const { threadId, turnId, itemId } = params;
  return { codexRequestKind: kind, codexRequestId: id, threadId, turnId, itemId };
}
