import { z } from "zod";
import type { AgentItem, AgentPart } from "../agent.ts";
import type { PlanEntry } from "../../schema/content.ts";
import { changedFiles, deletedFiles, touchedFiles } from "./file-changes.ts";
import type { Place } from "./place.ts";
import type { ToolResultBlock } from "./protocol.ts";
import type { KnownFiles } from "../file-facts.ts";
import type { ToolCall } from "./tool-calls.ts";

/** What the tool of a shell command says of it (2.1.330). */
const CommandResult = z.object({
  stdout: z.string(),
  stderr: z.string(),
  interrupted: z.boolean(),
  isImage: z.boolean().optional(),
  /** It goes on in the background. */
  backgroundTaskId: z.string().optional(),
  /** Where all of a long output is; `stdout` then has its beginning. */
  persistedOutputPath: z.string().optional(),
});

const CommandInput = z.object({ command: z.string() });
const ImageBlock = z.object({
  type: z.literal("image"),
  source: z.object({ type: z.literal("base64"), media_type: z.string(), data: z.string() }),
});

/** The result of a tool call, as it is told. */
export interface ToolResult {
  block: ToolResultBlock;
  /** The tool's own account, beside the words for the model. */
  account: unknown;
  call: ToolCall | undefined;
  place: Place;
  /** Where the shell is, as far as that is known. */
  directory: string | undefined;
  /** The files that calls have concerned. */
  files?: KnownFiles | undefined;
}

/** The item of a tool's result: its output, the files it has changed, the images it has made. */
export function toolResultItem(result: ToolResult): AgentItem {
  const { block, account, call, place, directory, files } = result;
  const failed = block.is_error === true;
  const { tool_use_id: call_id, content = [] } = block;
  const blocks = typeof content === "string" ? [] : content;
  const text = typeof content === "string" ? content : textOf(content);
  const command = failed ? undefined : CommandResult.safeParse(account).data;
  const finished = command?.interrupted === false && command.backgroundTaskId === undefined;
  const output = command && finished && command.isImage !== true ? outputOf(command) : text;
  const exit_code = finished ? 0 : exitCode(failed, text);
  const removed = finished ? CommandInput.safeParse(call?.input).data?.command : undefined;
  return {
    nativeId: `${call_id}:result`,
    parentNativeId: call_id,
    kind: "tool_result",
    role: "tool",
    content: [
      {
        type: "tool_result",
        call_id,
        output,
        ...(exit_code !== undefined && { exit_code }),
      },
      ...(failed ? [] : filesOf(call, account, text, files)),
      ...(removed === undefined ? [] : deletedFiles(removed, directory)),
      ...blocks.filter(({ type }) => type !== "text").map(toPart),
    ],
    status: failed ? "failed" : "completed",
    ...(place.subagent && { subagent: place.subagent }),
  };
}

/** A plan or list of tasks as it stands now. */
export function planItem(entries: PlanEntry[], place: Place): AgentItem {
  return {
    nativeId: null,
    kind: "status",
    role: "system",
    content: [{ type: "plan", entries }],
    status: "completed",
    ...place,
  };
}

function filesOf(
  call: ToolCall | undefined,
  account: unknown,
  text: string,
  files: KnownFiles | undefined,
): AgentPart[] {
  if (account !== undefined) return changedFiles(account, files);
  return call ? touchedFiles(call, text) : [];
}

function toPart(block: Record<string, unknown>): AgentPart {
  const image = ImageBlock.safeParse(block);
  if (!image.success) return { type: "json", json: block };
  const { data, media_type: mime } = image.data.source;
  return { type: "image_data", data, mime };
}

function outputOf({ stdout, stderr, persistedOutputPath }: z.infer<typeof CommandResult>): string {
  const all = persistedOutputPath === undefined ? "" : `[all of it: ${persistedOutputPath}]`;
  return [stdout, stderr, all].filter((piece) => piece !== "").join("\n");
}

/** 2.1.330 says `Exit code 3` in front of a failed command's output. */
function exitCode(failed: boolean, text: string): number | undefined {
  const match = failed ? /^Exit code (\d{1,9})\b/.exec(text) : null;
  return match ? Number(match[1]) : undefined;
}

function textOf(blocks: Record<string, unknown>[]): string {
  return blocks
    .flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : []))
    .join("\n");
}
