import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { AgentItem, AgentPart } from "../agent.ts";
import { tryParse } from "../../io/bounded-json.ts";
import { exactHunks, type KnownFiles } from "../file-facts.ts";
import { type Change, diffTexts, formatDiff, readHunks } from "../unified-diff.ts";
import type { ToolResultBlock } from "./protocol.ts";
import type { ToolCall } from "./tool-calls.ts";

/** What the result of a shell command says that has ended (0.0.1790142911). */
const CommandResult = z.object({ output: z.string(), exitCode: z.int() });
/** What it says of a command that goes on in the background. */
const RunningCommand = z.object({ running: z.literal(true), pid: z.int() });
/** What `apply_patch` has done, file by file. */
const PatchResult = z.object({
  summary: z.string(),
  files: z.array(z.object({ uri: z.string(), type: z.string(), diff: z.string().nullish() })),
});
/** What `edit_file` has done: a diff between marks of Markdown. */
const EditResult = z.object({ diff: z.string() });
const FileInput = z.object({ path: z.string(), content: z.string().optional() });
const McpBlocks = z.array(
  z.union([
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({ type: z.literal("image"), data: z.string(), mimeType: z.string() }),
    z.looseObject({ type: z.string() }),
  ]),
);

/** A call that a rule of the user's has rejected is no error to the CLI (0.0.1790142911). */
const REJECTED = /^Tool rejected by plugin: /;

interface Told {
  output: string;
  exit_code?: number;
  parts: AgentPart[];
}

/** The item of a tool's result: its output, the files it has changed, the images it has made. */
export function toolResultItem(
  block: ToolResultBlock,
  call: ToolCall | undefined,
  files?: KnownFiles,
): AgentItem {
  const { tool_use_id: call_id, content } = block;
  const text = typeof content === "string" ? content : JSON.stringify(content ?? "");
  const refused = block.is_error === true || REJECTED.test(text);
  const { output, exit_code, parts } = refused ? plain(text) : read(text, call, files);
  const failed = refused || (exit_code ?? 0) !== 0;
  return {
    nativeId: `${call_id}:result`,
    parentNativeId: call_id,
    kind: "tool_result",
    role: "tool",
    content: [
      { type: "tool_result", call_id, output, ...(exit_code !== undefined && { exit_code }) },
      ...parts,
    ],
    status: failed ? "failed" : "completed",
  };
}

/** The pid of a command that goes on in the background, where a result tells of one. */
export function backgroundPid({ content }: ToolResultBlock): number | undefined {
  return RunningCommand.safeParse(typeof content === "string" ? tryParse(content) : undefined).data
    ?.pid;
}

function plain(output: string): Told {
  return { output, parts: [] };
}

/** The result of a call that has succeeded: text, or JSON text whose form depends on the tool. */
function read(text: string, call: ToolCall | undefined, files: KnownFiles | undefined): Told {
  const json = tryParse(text);
  if (call?.name.startsWith("mcp__") === true) return readMcp(text, json);
  if (call?.name === "create_file") return { output: text, parts: createdFile(call) };
  const command = CommandResult.safeParse(json);
  if (command.success) {
    const { output, exitCode } = command.data;
    return { output, exit_code: exitCode, parts: [] };
  }
  const patch = PatchResult.safeParse(json);
  if (patch.success) {
    const { summary, files: changed } = patch.data;
    return { output: summary, parts: changed.flatMap((file) => patchedFiles(file, files)) };
  }
  if (call?.name === "edit_file")
    return { output: text, parts: editedFile(call, text, json, files) };
  return plain(text);
}

function readMcp(text: string, json: unknown): Told {
  const blocks = McpBlocks.safeParse(json);
  if (!blocks.success) return plain(text);
  const parts = blocks.data.flatMap((block): AgentPart[] => {
    if (block.type === "text") return [];
    const { data, mimeType } = block as Record<string, unknown>;
    if (block.type !== "image" || typeof data !== "string" || typeof mimeType !== "string") {
      return [{ type: "json", json: block }];
    }
    return [{ type: "image_data", data, mime: mimeType }];
  });
  const texts = blocks.data.flatMap((block) =>
    block.type === "text" && typeof block.text === "string" ? [block.text] : [],
  );
  return { output: texts.join("\n"), parts };
}

/** Its result says neither what was there before nor what is there now: the call and we know. */
function createdFile({ input, before }: ToolCall): AgentPart[] {
  const file = FileInput.safeParse(input);
  if (!file.success) return [];
  const { path, content = "" } = file.data;
  if (before === undefined) return [{ type: "file_ref", path, action: "write", diff: null }];
  const hunks = diffTexts(before ?? "", content);
  const diff = formatDiff(path, hunks, before === null ? "created" : "changed");
  return [{ type: "file_ref", path, action: "write", diff }];
}

/** `edit_file` shows the text with LF, and writes it so (0.0.1790142911). */
function editedFile(
  { input }: ToolCall,
  text: string,
  json: unknown,
  files: KnownFiles | undefined,
): AgentPart[] {
  const file = FileInput.safeParse(input);
  if (!file.success) return [];
  const { path } = file.data;
  // The older CLI gives the diff as such (0.0.1769425000).
  const hunks = readHunks(plainDiff(EditResult.safeParse(json).data?.diff ?? text));
  const diff = formatDiff(path, exactHunks(hunks, files?.of(path), { keepsEnds: false }));
  return [{ type: "file_ref", path, action: "patch", diff }];
}

function patchedFiles(
  { uri, type, diff: native }: z.infer<typeof PatchResult>["files"][number],
  files: KnownFiles | undefined,
): AgentPart[] {
  const path = pathOf(uri);
  // The file that was moved is named only in its diff.
  const from = type === "move" ? /^--- (.+)$/m.exec(native ?? "")?.[1] : undefined;
  const moved = { type: "file_ref", action: "write", diff: null, deleted: true } as const;
  const change = from === undefined ? (CHANGES[type] ?? "changed") : { from };
  const facts = files?.of(from ?? path);
  // The diff shows the line ends of the file, but no byte that is not text (0.0.1790142911).
  const isExact = facts === undefined || (facts !== "reading" && facts.isText);
  const replaces = change === "created" && files?.isOld(path) === true;
  const hunks = native == null || !isExact || replaces ? undefined : readHunks(plainDiff(native));
  return [
    ...(from === undefined ? [] : [{ ...moved, path: from }]),
    {
      type: "file_ref",
      path,
      action: change === "changed" ? "patch" : "write",
      diff: formatDiff(path, hunks, change),
      ...(change === "deleted" && { deleted: true }),
    },
  ];
}

const CHANGES: Record<string, Change> = { add: "created", delete: "deleted" };

/** The path of a file address; an address without one stays as it is. */
function pathOf(uri: string): string {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}

/** A diff of the CLI's without marks of Markdown around it. */
function plainDiff(diff: string): string {
  return diff.replace(/\n?```\s*$/, "");
}
