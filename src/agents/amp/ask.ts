import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { resolve } from "node:path";
import { errorCode } from "../../io/error-code.ts";
import { readBounded } from "../../io/read-bounded.ts";
import type { PermissionRequest } from "../agent.ts";
import { isRecord } from "../json-line.ts";
import { fileChangeKey, memoryKey } from "../memory-key.ts";
import { factsOf, type KnownFiles, MAX_FILE_BYTES } from "../file-facts.ts";
import { diffTexts, formatDiff } from "../unified-diff.ts";
import { editedPaths } from "./edited-paths.ts";
import type { ToolCall } from "./tool-calls.ts";

/** What the delegate program says: the tool, its input and, of the older CLI, the id of the call. */
export const AskedCall = z.object({
  type: z.literal("delegate"),
  tool: z.string(),
  id: z.string().optional(),
  input: z.unknown(),
});
export type AskedCall = z.infer<typeof AskedCall>;

/** What is known of a call besides what its program says. */
export interface AskedOf {
  call: ToolCall | undefined;
  /** The text of the one file that it changes; null where there is none. */
  before: string | null | undefined;
  /** Where relative paths begin. */
  directory: string;
}

/** The permission that a call needs. */
export function toPermission(
  id: string,
  { tool, input }: AskedCall,
  { call, before, directory }: AskedOf,
): PermissionRequest {
  const fields = isRecord(input) ? input : {};
  // The older CLI's tool has `cmd` (0.0.1769425000). A tool of an MCP server runs no command of ours.
  const command = tool.startsWith("mcp__") ? undefined : (fields["command"] ?? fields["cmd"]);
  const paths = editedPaths(tool, input)?.map((path) => resolve(directory, path));
  const diff = changeOf(tool, fields, before);
  return {
    id,
    action: tool,
    // A command names its working directory in its input, or runs in that of the session.
    memoryKey: paths ? fileChangeKey(tool, paths, directory) : memoryKey(tool, input),
    metadata: {
      tool,
      input,
      ...(call && { call_id: call.id }),
      ...(typeof command === "string" && { command }),
      ...(paths && { paths }),
      ...(diff !== null && { diff }),
    },
  };
}

/**
 * The text of the file that a call is about to write. Null if there is none, undefined if it is not
 * known, or if the bytes are not text.
 */
export async function textBefore(
  directory: string,
  { tool, input }: AskedCall,
  files?: KnownFiles,
): Promise<string | null | undefined> {
  const paths = editedPaths(tool, input) ?? [];
  if (tool === "apply_patch" && files) {
    await Promise.all(paths.map((path) => files.read(resolve(directory, path))));
  }
  if (tool !== "create_file" && tool !== "edit_file") return undefined;
  const [path = ""] = paths;
  try {
    const bytes = await readBounded(resolve(directory, path), MAX_FILE_BYTES);
    files?.set(resolve(directory, path), factsOf(bytes, true));
    return isUtf8(bytes) ? bytes.toString() : undefined;
  } catch (error) {
    return errorCode(error) === "ENOENT" ? null : undefined;
  }
}

/**
 * The diff of a call. The text of a patch is not a diff. Null too for a file with CRLF, which
 * `edit_file` changes in every line (0.0.1790142911).
 */
function changeOf(
  tool: string,
  input: Record<string, unknown>,
  before: string | null | undefined,
): string | null {
  const { path, content, old_str, new_str, replace_all } = input;
  if (typeof path !== "string" || before === undefined) return null;
  if (tool === "create_file" && typeof content === "string") {
    const change = before === null ? "created" : "changed";
    return formatDiff(path, diffTexts(before ?? "", content), change);
  }
  if (before === null || typeof old_str !== "string" || typeof new_str !== "string") {
    return null;
  }
  if (before.includes("\r\n")) return null;
  const after =
    replace_all === true
      ? before.replaceAll(old_str, () => new_str)
      : before.replace(old_str, () => new_str);
  return formatDiff(path, diffTexts(before, after));
}
