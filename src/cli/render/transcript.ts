import type { ContentPart } from "../../schema/content.ts";
import type { ItemDeltaData, UniversalEvent } from "../../schema/event.ts";
import type { UniversalItem } from "../../schema/item.ts";
import type { PermissionEventData } from "../../schema/permission.ts";
import type { QuestionEventData } from "../../schema/question.ts";
import { errorLines, sessionLines, turnLine } from "./ending.ts";
import { partLines } from "./parts.ts";
import { visibleText } from "../../io/visible-text.ts";
import { oneLine, printable, printableOutput } from "./printable.ts";
import { permissionLines, questionLines, questionParts } from "./request.ts";
import type { Style } from "./style.ts";
import { callLine } from "./tool.ts";

const LENGTH = 160;

/** What is left out because its reader knows it. */
export interface TranscriptOptions {
  /** The messages that were sent; default true. */
  sent?: boolean;
  /** Requests, where somebody else shows them; default true. */
  requests?: boolean;
}

/** Turns events into text for a person, each as it comes: a function of all events so far. */
export class Transcript {
  readonly #style: Style;
  readonly #options: TranscriptOptions;
  /** Whether what was written last ended its line. */
  #atLineStart = true;
  #isEmpty = true;
  /** What was written last: an item's text, or the call whose result may follow directly. */
  #last: string | undefined;
  /** The items of which text has come in pieces, and whether it is reasoning. */
  readonly #streaming = new Map<string, "text" | "reasoning" | "hidden">();
  readonly #calls = new Map<string, string>();
  #error: string | undefined;

  constructor(style: Style, options: TranscriptOptions = {}) {
    this.#style = style;
    this.#options = options;
  }

  /** The text that this event adds. */
  render({ type, data }: UniversalEvent): string {
    const { requests = true } = this.#options;
    const style = this.#style;
    switch (type) {
      case "item.started":
        return this.#start(data.item);
      case "item.delta":
        return this.#delta(data);
      case "item.completed":
        return this.#complete(data.item);
      case "error":
        this.#error = data.message;
        return this.#block(errorLines(style, data));
      case "permission.requested":
        return requests ? this.#permission(data) : "";
      case "permission.resolved":
        return this.#aside(() =>
          this.#lines([resolvedLine(style, data.status, data.metadata?.["reason"])]),
        );
      case "question.requested":
        return requests ? this.#question(data) : "";
      case "question.resolved":
        return this.#aside(() => this.#lines([answeredLine(style, data)]));
      case "agent.unparsed":
        return this.#block([
          style.yellow(
            `unreadable (${visibleText(data.location, "name")}): ${printableOutput(data.error)}`,
          ),
        ]);
      case "turn.started":
        return data.metadata.origin === "user"
          ? ""
          : this.#block([style.dim("the agent goes on by itself")]);
      case "turn.ended": {
        const { error } = data.metadata;
        const isNews = error !== undefined && error.message !== this.#error;
        const why = isNews ? errorLines(style, { ...error, details: null }) : [];
        return this.#block([...why, turnLine(style, data.metadata)]);
      }
      case "session.started":
        return "";
      case "session.ended":
        return this.#block(sessionLines(style, data));
    }
  }

  /** Lines of somebody else, set off from what stands before them. */
  show(lines: string[]): string {
    return this.#aside(() => this.#block(lines));
  }

  /** What ends the last line, where it is open. */
  end(): string {
    return this.#endLine();
  }

  #start({ item_id, kind, role, content, subagent }: UniversalItem): string {
    if (kind !== "message" || role === "user") return "";
    // What several subagents say at once would be unreadable: each item is shown when it is complete.
    this.#streaming.set(item_id, subagent ? "hidden" : kindOf(content[0]));
    return "";
  }

  #delta({ item_id, delta }: ItemDeltaData): string {
    const kind = this.#streaming.get(item_id);
    if (kind === undefined || kind === "hidden") return "";
    const text = printable(delta);
    const head = this.#last === item_id ? "" : this.#gap();
    this.#last = item_id;
    this.#atLineStart = text.endsWith("\n");
    return head + (kind === "reasoning" ? this.#style.dim(text) : text);
  }

  #complete(item: UniversalItem): string {
    const { item_id, kind, role, status, parent_id } = item;
    const streamed = this.#streaming.get(item_id);
    this.#streaming.delete(item_id);
    if (role === "user") return this.#sent(item);
    if (kind === "message" && streamed !== undefined && streamed !== "hidden") {
      const rest = this.#partLines(item, unstreamed(item.content));
      const cutOff = status === "failed" ? [this.#style.yellow("(cut off)")] : [];
      return this.#endLine() + this.#lines([...rest, ...cutOff]);
    }
    const lines = this.#partLines(item, item.content);
    if (kind === "tool_call") return this.#call(item, lines);
    if (kind !== "tool_result") {
      return kind === "status" && !hasPlan(item) ? this.#lines(lines) : this.#block(lines);
    }
    const call = parent_id === null ? undefined : this.#calls.get(parent_id);
    this.#calls.delete(parent_id ?? "");
    if (lines.length === 0 || call === undefined || this.#last === parent_id) {
      return this.#lines(lines);
    }
    return this.#block([prefix(item) + this.#style.dim(`↳ ${call}`), ...lines]);
  }

  #partLines(item: UniversalItem, parts: ContentPart[]): string[] {
    const before = prefix(item) + (item.kind === "tool_result" ? "  " : "");
    return parts
      .flatMap((part) => partLines(this.#style, part, item))
      .map((line) => `${before}${line}`);
  }

  #call(item: UniversalItem, lines: string[]): string {
    const [call] = item.content;
    if (call?.type === "tool_call") this.#calls.set(item.item_id, callLine(this.#style, call));
    const text = this.#block(lines);
    this.#last = item.item_id;
    return text;
  }

  #sent({ content, subagent }: UniversalItem): string {
    // A subagent is told what its call says already.
    if (this.#options.sent === false || subagent) return "";
    const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []));
    const lines = printable(texts.join("\n")).split("\n");
    return this.#block(lines.map((line) => this.#style.bold(`> ${line}`)));
  }

  #permission(data: PermissionEventData): string {
    const lines = permissionLines(this.#style, data);
    return this.show([
      ...lines,
      this.#style.dim(`  permission ${oneLine(data.permission_id, LENGTH)}`),
    ]);
  }

  #question(data: QuestionEventData): string {
    const { plan } = data.metadata ?? {};
    const parts = questionParts(data).flatMap((part, index) =>
      questionLines(this.#style, part, index === 0 ? plan : undefined),
    );
    return this.show([
      ...parts,
      this.#style.dim(`  question ${oneLine(data.question_id, LENGTH)}`),
    ]);
  }

  /** What is asked and answered about a call stands between it and its result. */
  #aside(write: () => string): string {
    const last = this.#last;
    const text = write();
    this.#last = last;
    return text;
  }

  /** Lines set off from what stands before them. */
  #block(lines: string[]): string {
    if (lines.length === 0) return "";
    return this.#gap() + this.#lines(lines);
  }

  #lines(lines: string[]): string {
    if (lines.length === 0) return "";
    const text = `${this.#endLine()}${lines.join("\n")}\n`;
    this.#atLineStart = true;
    this.#isEmpty = false;
    this.#last = undefined;
    return text;
  }

  #gap(): string {
    const gap = this.#isEmpty ? "" : `${this.#endLine()}\n`;
    this.#isEmpty = false;
    return gap;
  }

  #endLine(): string {
    const end = this.#atLineStart ? "" : "\n";
    this.#atLineStart = true;
    return end;
  }
}

function kindOf(part: ContentPart | undefined): "text" | "reasoning" | "hidden" {
  if (part?.type !== "reasoning") return "text";
  return part.visibility === "private" ? "hidden" : "reasoning";
}

/** The parts of a message that did not come as text in pieces. */
function unstreamed(content: ContentPart[]): ContentPart[] {
  const streamed = content.some(({ type }) => type === "text") ? "text" : "reasoning";
  return content.filter(({ type }) => type !== streamed);
}

function hasPlan({ content }: UniversalItem): boolean {
  return content.some(({ type }) => type === "plan");
}

function prefix({ subagent }: UniversalItem): string {
  return subagent ? "  │ " : "";
}

function resolvedLine(
  style: Style,
  status: PermissionEventData["status"],
  reason: unknown,
): string {
  const why = typeof reason === "string" ? style.dim(` (${visibleText(reason, "name")})`) : "";
  switch (status) {
    case "accept":
      return `  ${style.green("allowed")}${why}`;
    case "accept_for_session":
      return `  ${style.green("allowed, also from now on")}${why}`;
    case "reject":
    case "requested":
      return `  ${style.red("rejected")}${why}`;
  }
}

function answeredLine(style: Style, data: QuestionEventData): string {
  const { status, answers, response, metadata } = data;
  const why =
    metadata?.reason === undefined ? "" : style.dim(` (${visibleText(metadata.reason, "name")})`);
  if (status !== "answered") return `  ${style.red("not answered")}${why}`;
  const labels = answers ? answers.map((labels) => labels.join(", ")) : [response ?? ""];
  return `  ${style.green(oneLine(labels.join("; "), LENGTH))}${why}`;
}
