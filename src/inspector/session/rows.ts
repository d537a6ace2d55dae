import type { ContentPart, PlanEntry } from "../../schema/content.ts";
import type { ErrorData, SessionEndedData, TurnEndedMetadata } from "../../schema/event.ts";
import type { ItemRole, ItemStatus } from "../../schema/item.ts";
import type { PermissionEventData } from "../../schema/permission.ts";
import type { QuestionEventData } from "../../schema/question.ts";
import type { OutputTail } from "./output-tail.ts";
import type { TextPiece } from "./text-pieces.ts";

interface Common {
  /** The same for as long as the row is there. */
  key: number;
  /** Grows whenever the row changes: who has drawn this version need not draw it again. */
  version: number;
  /** What its events are about, see `subjectOf`. */
  subject: string;
  /** The tool call below which it is shown. */
  parent: ToolRow | undefined;
}

/** A piece of what somebody says. */
export interface TextRow extends Common, TextPiece {
  kind: "text";
  role: ItemRole | null;
  status: ItemStatus;
  /** The first piece of its message. */
  isFirst: boolean;
  /** A message of no kind that is known. */
  isUnknown: boolean;
}

export interface ReasoningRow extends Common {
  kind: "reasoning";
  text: string;
  status: ItemStatus;
}

type CallPart = Extract<ContentPart, { type: "tool_call" }>;

/** A tool call with its result, and all that a subagent does on its behalf. */
export interface ToolRow extends Common {
  kind: "tool";
  /** Undefined where a result came without its call. */
  call: CallPart | undefined;
  /** Of the call until there is a result, then of the result. */
  status: ItemStatus;
  hasResult: boolean;
  output: OutputTail;
  exitCode: number | undefined;
  /** Milliseconds since 1970. */
  startedAt: number;
  durationMs: number | undefined;
  /** Other parts of the result: files, images, notices. */
  parts: ContentPart[];
  children: Row[];
}

/** A part that is shown as it is. */
export interface PartRow extends Common {
  kind: "part";
  part: Exclude<ContentPart, { type: "text" | "reasoning" | "tool_call" | "tool_result" | "plan" }>;
  status: ItemStatus;
}

/** A change of the plan; the plan itself is pinned. */
export interface PlanRow extends Common {
  kind: "plan";
  entries: PlanEntry[];
}

export interface PermissionRow extends Common {
  kind: "permission";
  data: PermissionEventData;
}

export interface QuestionRow extends Common {
  kind: "question";
  data: QuestionEventData;
}

/** What waits for an answer, or has been answered. */
export type RequestRow = PermissionRow | QuestionRow;

export interface ErrorRow extends Common {
  kind: "error";
  error: ErrorData;
}

export interface UnparsedRow extends Common {
  kind: "unparsed";
  error: string;
  location: string;
}

/** How a turn ended; `metadata` is undefined at the start of one that the agent began by itself. */
export interface TurnRow extends Common {
  kind: "turn";
  metadata: TurnEndedMetadata | undefined;
}

export interface EndRow extends Common {
  kind: "end";
  data: SessionEndedData;
}

/**
 * What draws a row is given. Rows change in place: by the version those see it that draw nothing anew
 * for what is the same object.
 */
export interface RowProps<R extends Row> {
  row: R;
  version: number;
}

/** One row of the conversation. */
export type Row =
  | TextRow
  | ReasoningRow
  | ToolRow
  | PartRow
  | PlanRow
  | RequestRow
  | ErrorRow
  | UnparsedRow
  | TurnRow
  | EndRow;

/** What a row is made of besides its place. */
export type Draft = {
  [K in Row["kind"]]: Omit<Extract<Row, { kind: K }>, keyof Common>;
}[Row["kind"]];
