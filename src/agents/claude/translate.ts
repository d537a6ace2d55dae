import type { AgentOutput } from "../agent.ts";
import type { Usage } from "../../schema/usage.ts";
import { toAsk } from "./ask.ts";
import type { KnownFiles } from "../file-facts.ts";
import { Background } from "./background.ts";
import { fileToChange } from "./file-changes.ts";
import { typeOf } from "./line.ts";
import { Messages } from "./messages.ts";
import { completed, statusItem, systemItem, unknownItem, userNotice } from "./notices.ts";
import { addUsage, type ClaudeError, errorOf, outcomeOf, resultError, usageOf } from "./outcome.ts";
import { type Place, placeOf } from "./place.ts";
import * as protocol from "./protocol.ts";
import { TaskList } from "./tasks.ts";
import { ToolCalls } from "./tool-calls.ts";
import { planItem, toolResultItem } from "./tool-results.ts";
import { UsedSettings } from "./used-settings.ts";
import { WorkingDirectories } from "./working-directories.ts";

/**
 * Turns what Claude Code prints into events, line by line, and keeps only what later lines refer
 * to. Answers to our own control requests are the connection's to read.
 */
export class Translator {
  readonly background = new Background();
  readonly settings = new UsedSettings();
  readonly directories = new WorkingDirectories();
  readonly #directory: string;
  readonly #files: KnownFiles | undefined;
  readonly #messages = new Messages();
  readonly #calls = new ToolCalls();
  readonly #tasks = new TaskList();
  #totals: protocol.ModelUsage = {};
  /** What was used for something that was told within a turn which has not ended. */
  #carried: Usage | undefined;
  #error: ClaudeError | undefined;
  #nativeSessionId: string | undefined;
  /** The shell is where it was started, as far as the commands tell. */
  #shellStayed = true;
  #inTurn = false;
  /** The message whose turn runs, while the CLI has not begun to work on it. */
  #awaited: string | undefined;

  /** `directory` is where the CLI works; `files` reads the files that it changes. */
  constructor(directory: string, files?: KnownFiles) {
    this.#directory = directory;
    this.#files = files;
  }

  /** A message with this uuid is handed over: the turn that follows is its. */
  beginTurn(uuid: string): void {
    this.#inTurn = true;
    this.#awaited = uuid;
  }

  /** A new process speaks from here on: it refers to nothing that the one before it has said. */
  restart(): void {
    this.background.clear();
    this.directories.clear();
    this.#messages.clear();
    this.#calls.clear();
    this.#totals = {};
    this.#error = undefined;
    this.#shellStayed = true;
  }

  /** Gives up the turn whose result will never come; false where none runs. */
  abandonTurn(): boolean {
    const { inTurn } = this;
    this.#endTurn();
    return inTurn;
  }

  /** Whether a turn has begun and its result is not there yet. */
  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** The events that one line means; `raw` is its text. */
  translate(line: unknown, raw: string): AgentOutput[] {
    const outputs = this.#messages.delta(line) ??
      this.#line(line) ?? [completed(unknownItem(line))];
    return outputs.map((output) => (output.synthetic === true ? output : { raw, ...output }));
  }

  #line(line: unknown): AgentOutput[] | undefined {
    switch (typeOf(line)) {
      case "stream_event":
        return read(protocol.StreamLine, line, (data) => this.#messages.stream(data));
      case "assistant":
        return read(protocol.AssistantLine, line, (data) => this.#assistant(data));
      case "user":
        return read(protocol.UserLine, line, (data) => this.#user(data));
      case "system":
        return read(protocol.SystemLine, line, (data) => this.#system(data));
      case "result":
        return read(protocol.ResultLine, line, (data) => this.#result(data));
      case "control_request":
        return read(protocol.ControlRequestLine, line, (data) => this.#ask(data));
      case "control_cancel_request":
        return read(protocol.ControlCancelLine, line, ({ request_id }) => [
          { type: "request.withdrawn", id: request_id },
        ]);
      case "command_lifecycle":
        return read(protocol.LifecycleLine, line, (data) => this.#lifecycle(data));
      case "rate_limit_event":
        return [completed(statusItem("rate_limit", null, line))];
      case "control_response":
      case "keep_alive":
        return [];
      default:
        return undefined;
    }
  }

  #assistant(line: protocol.AssistantLine): AgentOutput[] {
    if (line.is_api_error_message === true) {
      this.#error = errorOf(line);
      return [errorOutput(this.#error)];
    }
    for (const block of line.message.content) {
      const call = this.#calls.add(block);
      const path = call && fileToChange(call);
      if (path !== undefined) this.#files?.note(path);
    }
    return this.#messages.complete(line);
  }

  #user(line: protocol.UserLine): AgentOutput[] {
    const { content } = line.message;
    const place = placeOf(line);
    if (typeof content === "string") return [completed(userNotice(content, line, place))];
    return content.flatMap((block) => {
      const result = protocol.ToolResultBlock.safeParse(block);
      if (result.success) return this.#toolResult(result.data, line.tool_use_result, place);
      const { text } = block;
      const item = typeof text === "string" ? userNotice(text, line, place) : unknownItem(block);
      return [completed(item)];
    });
  }

  #toolResult(block: protocol.ToolResultBlock, account: unknown, place: Place): AgentOutput[] {
    const call = this.#calls.take(block.tool_use_id);
    if (call?.name === "Bash" && /\b(cd|pushd|popd)\b/.test(JSON.stringify(call.input))) {
      this.#shellStayed = false;
    }
    const directory = this.#shellStayed ? this.#directory : undefined;
    const files = this.#files;
    const result = { block, account, call, place, directory, files };
    const outputs = [completed(toolResultItem(result))];
    if (!call || block.is_error === true) return outputs;
    this.background.takeResult(call, account);
    const entries = this.#tasks.take(call, account);
    if (entries) outputs.push(completed(planItem(entries, place)));
    return outputs;
  }

  #system(line: protocol.SystemLine): AgentOutput[] {
    this.background.takeLine(line);
    const changes = this.settings.take(line).map(completed);
    switch (line.subtype) {
      case "init":
        return [...this.#begin(line), ...changes];
      case "thinking_tokens":
        return [];
      case "status":
        return [...changes, ...compaction(line)];
      default:
        return [completed(systemItem(line)), ...changes];
    }
  }

  /** Each turn begins with this line, also one that the agent starts by itself. */
  #begin({ session_id }: protocol.SystemLine): AgentOutput[] {
    const outputs: AgentOutput[] = [];
    if (session_id != null && session_id !== this.#nativeSessionId) {
      this.#nativeSessionId = session_id;
      outputs.push({ type: "native_session", id: session_id });
    }
    if (!this.#inTurn) outputs.push({ type: "turn.started" });
    this.#inTurn = true;
    return outputs;
  }

  #result(line: protocol.ResultLine): AgentOutput[] {
    const usage = addUsage(this.#carried, usageOf(line, this.#totals));
    this.#totals = line.modelUsage ?? this.#totals;
    this.#carried = undefined;
    if (this.#awaited !== undefined && line.origin?.kind === "task-notification") {
      // A turn of the agent's own, which was over before the CLI came to the user's message.
      this.#carried = usage;
      return [completed(statusItem("task", line.result ?? null, line))];
    }
    const outcome = outcomeOf(line, this.#error, this.#messages.stopReason);
    const outputs: AgentOutput[] = [];
    if (outcome.status === "failed" && !this.#error) outputs.push(errorOutput(resultError(line)));
    this.#endTurn();
    outputs.push({ type: "turn.ended", outcome: { ...outcome, ...(usage && { usage }) } });
    return outputs;
  }

  #lifecycle({ command_uuid, state }: protocol.LifecycleLine): AgentOutput[] {
    if (command_uuid !== this.#awaited) return [];
    if (state === "started") this.#awaited = undefined;
    if (state !== "cancelled") return [];
    this.#endTurn();
    return [{ type: "turn.ended", outcome: { status: "interrupted" } }];
  }

  #ask(line: protocol.ControlRequestLine): AgentOutput[] {
    if (protocol.HookCallback.safeParse(line.request).success) return [];
    const parsed = protocol.CanUseTool.safeParse(line.request);
    if (!parsed.success) return [completed(unknownItem(line))];
    const { agent_id, tool_use_id } = parsed.data;
    const background = agent_id != null && this.background.has(agent_id);
    const asked = toAsk(line.request_id, parsed.data, this.directories.of(tool_use_id));
    const beside = background && { background: true as const };
    return asked.kind === "permission"
      ? [{ type: "permission.requested", request: { ...asked.request, ...beside } }]
      : [{ type: "question.requested", request: { ...asked.request, ...beside } }];
  }

  #endTurn(): void {
    this.#error = undefined;
    this.#messages.stopReason = undefined;
    this.#inTurn = false;
    this.#awaited = undefined;
  }
}

function compaction(line: protocol.SystemLine): AgentOutput[] {
  const { status, compact_result } = line;
  if (status !== "compacting" && typeof compact_result !== "string") return [];
  const detail = typeof compact_result === "string" ? compact_result : (status ?? null);
  return [completed(statusItem("compaction", detail, line))];
}

function errorOutput({ code, message, status, native }: ClaudeError): AgentOutput {
  const details = {
    ...(status !== null && { status }),
    ...(native !== undefined && { native }),
  };
  const known = Object.keys(details).length > 0;
  return { type: "error", error: { message, code, details: known ? details : null } };
}

function read<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  line: unknown,
  translate: (data: T) => AgentOutput[],
): AgentOutput[] | undefined {
  const parsed = schema.safeParse(line);
  return parsed.success ? translate(parsed.data) : undefined;
}
