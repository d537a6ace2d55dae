import { z } from "zod";
import type { PermissionEventData } from "../../schema/permission.ts";
import type { QuestionEventData, QuestionPart } from "../../schema/question.ts";
import { oneLine, printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { callLine, diffLines } from "./tool.ts";

const LENGTH = 240;

/** What is known of what an agent wants to do; each agent tells a part of it. */
const Details = z.object({
  tool: z.string().optional().catch(undefined),
  input: z.unknown().optional(),
  command: z.unknown().optional(),
  path: z.string().optional().catch(undefined),
  paths: z.array(z.string()).default([]).catch([]),
  diff: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
});

/** What an agent asks to be allowed: all that it would do, nothing of it shortened. */
export function permissionLines(style: Style, request: PermissionEventData): string[] {
  const { tool, input, command, path, paths, diff, reason } = Details.parse(request.metadata ?? {});
  const name = printable(tool ?? request.action);
  const body = [
    ...commandLines(style, command),
    ...[...new Set([...paths, ...(path === undefined ? [] : [path])])].map((each) =>
      style.cyan(printable(each)),
    ),
    ...(diff === undefined ? [] : diffLines(style, diff)),
  ];
  const shown = body.length > 0 ? body : inputLines(style, request.action, input);
  return [
    `${style.yellow("?")} ${style.bold(name)} asks for permission${reason === undefined ? "" : `: ${oneLine(reason, LENGTH)}`}`,
    ...indented(shown),
  ];
}

/** A command may have several lines: all of them are run. */
function commandLines(style: Style, command: unknown): string[] {
  const text = Array.isArray(command) ? command.join(" ") : command;
  if (typeof text !== "string") return [];
  return printable(text)
    .split("\n")
    .map((line, index) => `${style.dim(index === 0 ? "$" : ">")} ${line}`);
}

function inputLines(style: Style, action: string, input: unknown): string[] {
  if (input === undefined || input === null) return [];
  const call = { name: action, arguments: JSON.stringify(input), call_id: "" };
  return [callLine(style, { type: "tool_call", ...call })];
}

/** One part of what an agent asks, its options numbered; before the first the plan, where it is about one. */
export function questionLines(style: Style, part: QuestionPart, plan?: string): string[] {
  const { question, options, multi_select } = part;
  return [
    ...(plan === undefined ? [] : [style.bold("The plan:"), ...indented(textLines(plan))]),
    `${style.yellow("?")} ${style.bold(oneLine(question, LENGTH))}${multi_select ? style.dim(" (several, by commas)") : ""}`,
    ...options.map(({ label, description }, index) => {
      const more = description === undefined ? "" : style.dim(` - ${oneLine(description, LENGTH)}`);
      return `  ${index + 1}. ${oneLine(label, LENGTH)}${more}`;
    }),
  ];
}

/** The parts of a question; an agent that asks plainly has one. */
export function questionParts({ questions, prompt, options }: QuestionEventData): QuestionPart[] {
  if (questions !== undefined && questions.length > 0) return questions;
  const labels = options.map((label) => ({ label }));
  return [{ question: prompt, multi_select: false, options: labels }];
}

function textLines(text: string): string[] {
  return printable(text).trimEnd().split("\n");
}

function indented(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
