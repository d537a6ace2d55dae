import type { ToolRow } from "./rows.ts";

interface ToolWords {
  name: string;
  /** What it is about, in one line. */
  subject: string;
  /** Its arguments. */
  input: string;
}

/** A tool call in words. */
export function toolWords({ call, hasResult }: ToolRow): ToolWords {
  if (!call) return { name: hasResult ? "Result" : "Earlier call", subject: "", input: "" };
  const { arguments: text, mcp } = call;
  const name = mcp ? `${mcp.server} · ${mcp.tool}` : call.name;
  const input = parsed(text);
  if (typeof input !== "object" || input === null) return { name, subject: "", input: text };
  const entries: [string, unknown][] = Object.entries(input);
  if (entries.length === 0) return { name, subject: "", input: "" };
  return { name, subject: subjectOf(entries), input: JSON.stringify(input, undefined, 2) };
}

const TELLING = ["command", "cmd", "file_path", "filePath", "path", "pattern", "query", "url"];
const LESS_TELLING = ["description", "prompt", "title"];

function subjectOf(entries: [string, unknown][]): string {
  const known = [...TELLING, ...LESS_TELLING].flatMap((name) => {
    const found = entries.find(([key]) => key === name)?.[1];
    return typeof found === "string" ? [found] : Array.isArray(found) ? [found.join(" ")] : [];
  });
  const lines = (known[0] ?? "").split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ⏎ ");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
