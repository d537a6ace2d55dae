import { isAbsolute, join } from "node:path";
import { z } from "zod";
import type { ContentPart } from "../../schema/content.ts";
import { exactHunks, type KnownFiles } from "../file-facts.ts";
import { diffTexts, formatDiff, type Hunk } from "../unified-diff.ts";
import type { ToolCall } from "./tool-calls.ts";

/** What a file tool says it has done (2.1.330): Write, Edit and NotebookEdit. */
const Patch = z.object({
  oldStart: z.number(),
  oldLines: z.number(),
  newStart: z.number(),
  newLines: z.number(),
  lines: z.array(z.string()),
});
const WriteResult = z.object({
  type: z.enum(["create", "update"]),
  filePath: z.string(),
  content: z.string(),
  structuredPatch: z.array(Patch),
});
const EditResult = z.object({
  filePath: z.string(),
  newString: z.string(),
  structuredPatch: z.array(Patch),
});
const NotebookResult = z.object({
  notebook_path: z.string(),
  original_file: z.string(),
  updated_file: z.string(),
});

type FileRef = Extract<ContentPart, { type: "file_ref" }>;

/**
 * The path of the file that a call will change. The account of the tool shows the text without its
 * encoding: UTF-16 as UTF-8, CRLF as LF (2.1.330).
 */
export function fileToChange({ name, input }: ToolCall): string | undefined {
  if (name === "Write" || name === "Edit") return FileInput.safeParse(input).data?.file_path;
  return name === "NotebookEdit" ? NotebookInput.safeParse(input).data?.notebook_path : undefined;
}

/** The file that a file tool has changed, with the diff; none for the results of other tools. */
export function changedFiles(result: unknown, files?: KnownFiles): FileRef[] {
  const diffOf = (path: string, hunks: Hunk[], keepsEnds: boolean) =>
    formatDiff(path, exactHunks(hunks, files?.of(path), { keepsEnds }));
  const write = WriteResult.safeParse(result);
  if (write.success) {
    const { type, filePath, content, structuredPatch } = write.data;
    // A file that was empty counts as created (2.1.332).
    const change = files?.isOld(filePath) === true ? "changed" : "created";
    const diff =
      type === "create"
        ? formatDiff(filePath, diffTexts("", content), change)
        : diffOf(filePath, structuredPatch, false);
    return [fileRef(filePath, "write", diff)];
  }
  const edit = EditResult.safeParse(result);
  if (edit.success) {
    const { filePath, structuredPatch } = edit.data;
    return [fileRef(filePath, "patch", diffOf(filePath, structuredPatch, true))];
  }
  const notebook = NotebookResult.safeParse(result);
  if (notebook.success) {
    const { notebook_path: path, original_file, updated_file } = notebook.data;
    return [fileRef(path, "patch", diffOf(path, diffTexts(original_file, updated_file), false))];
  }
  return [];
}

const FileInput = z.object({ file_path: z.string(), content: z.string().optional() });
const NotebookInput = z.object({ notebook_path: z.string() });

/**
 * The file of a call that has succeeded without the tool's own account, as is so inside a subagent
 * (2.1.330): what was in the file before is not told, so only a new one has a diff.
 */
export function touchedFiles({ name, input }: ToolCall, words: string): FileRef[] {
  const file = FileInput.safeParse(input).data;
  if (file && name === "Write") {
    const { file_path: path, content = "" } = file;
    const created = words.startsWith("File created");
    return [
      fileRef(path, "write", created ? formatDiff(path, diffTexts("", content), "created") : null),
    ];
  }
  if (file && name === "Edit") return [fileRef(file.file_path, "patch", null)];
  const notebook = name === "NotebookEdit" && NotebookInput.safeParse(input).data;
  return notebook ? [fileRef(notebook.notebook_path, "patch", null)] : [];
}

/**
 * The files that a command has deleted which is nothing but `rm` and plain names, and which has
 * succeeded: Claude Code has no tool that deletes. `directory` is where the shell is; without it
 * only absolute names tell which file is meant.
 */
export function deletedFiles(command: string, directory: string | undefined): FileRef[] {
  const [program, ...words] = command.trim().split(/[ \t]+/);
  // Anything that a shell reads as more than a name: quotes, patterns, variables, other commands.
  if (program !== "rm" || words.some((word) => !/^[\w./@%+,:=-]+$/.test(word))) return [];
  const names = words.filter((word) => !word.startsWith("-"));
  const paths = names.flatMap((name) => {
    if (isAbsolute(name)) return [name];
    return directory === undefined ? [] : [join(directory, name)];
  });
  return paths.map((path) => ({ ...fileRef(path, "write", null), deleted: true }));
}

function fileRef(path: string, action: "write" | "patch", diff: string | null): FileRef {
  return { type: "file_ref", path, action, diff };
}
