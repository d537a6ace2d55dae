import { z } from "zod";
import type { ContentPart } from "../../schema/content.ts";
import { visibleText } from "../../io/visible-text.ts";
import { bounded, oneLine, shortened, uncoloured } from "./printable.ts";
import type { Style } from "./style.ts";

type Part<T extends ContentPart["type"]> = Extract<ContentPart, { type: T }>;

const CALL_LENGTH = 160;
const LINE_LENGTH = 240;
const OUTPUT_HEAD = 6;
const OUTPUT_TAIL = 6;
const DIFF_HEAD = 60;
const DIFF_TAIL = 10;

/** Members of a tool's input that tell by themselves what a call is about, the first one found. */
const SUBJECTS = [
  "command",
  "cmd",
  "file_path",
  "filePath",
  "notebook_path",
  "path",
  "pattern",
  "query",
  "url",
  "description",
  "prompt",
];

const Input = z.record(z.string(), z.unknown());

/** A tool's name and what it is called with, in one line. */
export function callLine(style: Style, { name, arguments: input, mcp }: Part<"tool_call">): string {
  const shown = mcp ? `${mcp.server}: ${mcp.tool}` : name;
  const about = subjectOf(input);
  return `${style.bold(oneLine(shown, CALL_LENGTH))}${about === "" ? "" : ` ${about}`}`;
}

function subjectOf(input: string): string {
  const parsed = Input.safeParse(parseJson(input));
  if (!parsed.success) return oneLine(input, CALL_LENGTH);
  for (const name of SUBJECTS) {
    const value = parsed.data[name];
    if (typeof value === "string" && value !== "") return oneLine(value, CALL_LENGTH);
    if (Array.isArray(value) && value.length > 0) return oneLine(value.join(" "), CALL_LENGTH);
  }
  return Object.keys(parsed.data).length === 0
    ? ""
    : oneLine(JSON.stringify(parsed.data), CALL_LENGTH);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a tool has printed: beginning and end where it is long, and its exit code where that is not 0. */
export function outputLines(style: Style, part: Part<"tool_result">, failed: boolean): string[] {
  const { output, exit_code = 0 } = part;
  const text = uncoloured(output).trimEnd();
  const lines = text === "" ? [] : bounded(text.split("\n"), OUTPUT_HEAD, OUTPUT_TAIL);
  const colour = failed && exit_code === 0 ? style.red : style.dim;
  return [
    ...lines.map((line) => colour(cut(line))),
    ...(exit_code === 0 ? [] : [style.red(`exit code ${exit_code}`)]),
  ];
}

/** A file that was read, written or changed, with the change. */
export function fileLines(style: Style, part: Part<"file_ref">): string[] {
  const { path, action, diff, deleted } = part;
  const created = diff?.startsWith("--- /dev/null") === true;
  const verb = deleted ? "deleted" : created ? "created" : verbs[action];
  const head = style.cyan(`${verb} ${oneLine(path, LINE_LENGTH)}`);
  // Of a file that is gone the text is no news.
  return diff === null || deleted ? [head] : [head, ...diffLines(style, diff)];
}

const verbs = { read: "read", write: "wrote", patch: "edited" } as const;

/** A unified diff in colours, without its file headers; the middle of a long one is left out. */
function diffLines(style: Style, diff: string): string[] {
  const lines = bounded(changedLines(visibleText(diff, "code")), DIFF_HEAD, DIFF_TAIL);
  return lines.map((line) => colourOf(style, line)(cut(line)));
}

/** A visible unified diff in colours, without its file headers. */
export function wholeDiff(style: Style, diff: string): string[] {
  return changedLines(diff).map((line) => colourOf(style, line)(line));
}

function changedLines(diff: string): string[] {
  // What begins like a file header further down is a changed line.
  const body = diff.replace(/^(?:diff --git .*\n(?:rename .*\n){2})?(?:--- .*\n\+\+\+ .*\n)?/, "");
  return (body.endsWith("\n") ? body.slice(0, -1) : body).split("\n");
}

function colourOf(style: Style, line: string): (text: string) => string {
  if (line.startsWith("+")) return style.green;
  if (line.startsWith("-")) return style.red;
  return style.dim;
}

function cut(line: string): string {
  return shortened(line, LINE_LENGTH);
}
