import { z } from "zod";

const FileInput = z.object({ path: z.string() });
const PatchInput = z.object({ patchText: z.string() });

/** A line of a patch that names a file. */
const HEADER = /^\s*\*\*\* (?:(?:Add|Update|Delete) File|Move to):(.*)$/s;
/** Characters at which another reader of the patch may end a line, and so read another name. */
const LINE_ENDS = /[\r\v\f\u0085\u2028\u2029]/;

/** The files that a call of an editing tool changes; undefined for another tool, or an unclear patch. */
export function editedPaths(tool: string, input: unknown): string[] | undefined {
  if (tool === "create_file" || tool === "edit_file") {
    const file = FileInput.safeParse(input);
    return file.success ? [file.data.path] : undefined;
  }
  const patch = tool === "apply_patch" && PatchInput.safeParse(input).data;
  if (!patch) return undefined;
  const paths = patch.patchText.split("\n").flatMap((line) => HEADER.exec(line)?.[1]?.trim() ?? []);
  const isClear = paths.length > 0 && paths.every((path) => !LINE_ENDS.test(path));
  return isClear ? paths : undefined;
}
