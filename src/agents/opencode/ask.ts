import { resolve } from "node:path";
import type { PermissionRequest, QuestionRequest } from "../agent.ts";
import { commandKey, fileChangeKey, memoryKey, uniqueKey } from "../memory-key.ts";
import { PatchedFiles, PermissionAsked, QuestionAsked } from "./protocol.ts";

/** A call of a tool, as the server reports it. */
export interface AskedCall {
  tool: string;
  input: Record<string, unknown>;
}

/** Id of the call that a permission is for. The request does not name the call's input (1.18.33). */
export function callOf(properties: unknown): string | undefined {
  return PermissionAsked.safeParse(properties).data?.tool?.callID;
}

/**
 * A requested permission; undefined for a request that cannot be parsed. `call` is undefined for a
 * permission without a call, or whose call the server did not report.
 */
export function toPermission(
  properties: unknown,
  directory: string,
  call?: AskedCall,
): PermissionRequest | undefined {
  const parsed = PermissionAsked.safeParse(properties);
  if (!parsed.success) return undefined;
  const { id, permission, patterns, metadata, tool } = parsed.data;
  const { command } = metadata;
  const paths = pathsOf(metadata);
  return {
    id,
    action: permission,
    // OpenCode's own memory covers patterns, and every session of a folder.
    memoryKey: keyOf(parsed.data, paths, directory, call),
    metadata: {
      ...metadata,
      permission,
      patterns,
      tool: permission,
      input: call?.input ?? metadata,
      ...(tool != null && { call_id: tool.callID }),
      ...(typeof command === "string" && { command }),
      ...(paths.length > 0 && { paths }),
    },
  };
}

/** Files that a request is for: a patch lists them, with the new name of a file that it moves. */
function pathsOf({ filepath, files }: Record<string, unknown>): string[] {
  const listed = PatchedFiles.safeParse(files).data;
  if (!listed) return typeof filepath === "string" ? [filepath] : [];
  return listed.flatMap(({ filePath, movePath }) => (movePath ? [filePath, movePath] : [filePath]));
}

function keyOf(
  { id, permission, patterns, metadata, tool }: PermissionAsked,
  paths: readonly string[],
  directory: string,
  call: AskedCall | undefined,
): string {
  // The input of a call may change the meaning of a request: without it nothing is equal.
  if (tool != null && !call) return uniqueKey(id);
  const { description: _, timeout: __, workdir = ".", ...modifiers } = call?.input ?? {};
  const { command } = metadata;
  if (permission === "bash" && typeof command === "string") {
    const isText = typeof workdir === "string";
    const at = isText ? resolve(directory, workdir) : directory;
    return commandKey(permission, command, at, isText ? modifiers : { ...modifiers, workdir });
  }
  if (permission === "edit" && call && paths.length > 0) {
    return fileChangeKey(call.tool, paths, directory);
  }
  // Of a file outside the directory the tool and the path count, whatever the content.
  const isFile = permission === "external_directory" && typeof metadata["filepath"] === "string";
  const input = isFile
    ? undefined
    : call?.tool === "bash"
      ? { ...modifiers, workdir }
      : call?.input;
  return memoryKey(permission, { patterns, metadata, tool: call?.tool, input });
}

/** A question that is asked; undefined where it cannot be read. */
export function toQuestion(properties: unknown): QuestionRequest | undefined {
  const parsed = QuestionAsked.safeParse(properties);
  if (!parsed.success) return undefined;
  const { id, questions } = parsed.data;
  const optionsOnly = questions.flatMap(({ custom, options }, index) =>
    custom === false && options.length > 0 ? [index] : [],
  );
  return {
    id,
    ...(optionsOnly.length > 0 && { optionsOnly }),
    questions: questions.map(({ question, header, multiple, options }) => ({
      question,
      ...(header != null && { header }),
      multi_select: multiple === true,
      options: options.map(({ label, description }) => ({
        label,
        ...(description != null && { description }),
      })),
    })),
  };
}
