import type { ContentPart, PlanEntry } from "../../schema/content.ts";
import type { UniversalItem } from "../../schema/item.ts";
import { oneLine, printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { callLine, fileLines, outputLines } from "./tool.ts";

const LENGTH = 400;

/** The lines that show one piece of a complete item. */
export function partLines(style: Style, part: ContentPart, item: UniversalItem): string[] {
  switch (part.type) {
    case "text": {
      const lines = printable(part.text).trimEnd().split("\n");
      return item.kind === "message" ? lines : lines.map(style.dim);
    }
    case "reasoning":
      if (part.visibility === "private") return [];
      return printable(part.text).trimEnd().split("\n").map(style.dim);
    case "json":
      return [style.dim(oneLine(JSON.stringify(part.json) ?? "", LENGTH))];
    case "tool_call":
      return [`${style.cyan("●")} ${callLine(style, part)}`];
    case "tool_result":
      return isToldByDiff(item) ? [] : outputLines(style, part, item.status === "failed");
    case "file_ref":
      return fileLines(style, part);
    case "image":
      return [style.cyan(`image ${oneLine(part.path, LENGTH)}`)];
    case "status":
      return [statusLine(style, part)];
    case "plan":
      return part.entries.map((entry) => planLine(style, entry));
  }
}

/** "The file was written" is no news beside what was written. */
function isToldByDiff({ content, status }: UniversalItem): boolean {
  const changed = (part: ContentPart) => part.type === "file_ref" && part.diff !== null;
  return status !== "failed" && content.some(changed);
}

function statusLine(
  style: Style,
  { label, detail }: Extract<ContentPart, { type: "status" }>,
): string {
  const text = oneLine(detail === null ? label : `${label}: ${detail}`, LENGTH);
  return label === "warning" ? style.yellow(text) : style.dim(text);
}

function planLine(style: Style, { content, status }: PlanEntry): string {
  const text = oneLine(content, LENGTH);
  switch (status) {
    case "completed":
      return `${style.green("[x]")} ${style.dim(text)}`;
    case "in_progress":
      return `${style.yellow("[>]")} ${style.bold(text)}`;
    case "pending":
      return `[ ] ${text}`;
  }
}
