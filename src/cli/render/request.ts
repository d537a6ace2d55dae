import { z } from "zod";
import type { PermissionEventData } from "../../schema/permission.ts";
import type { QuestionEventData, QuestionPart } from "../../schema/question.ts";
import { shellQuote } from "../../io/shell-quote.ts";
import { cutText, restMark, type TextKind, visibleText } from "../../io/visible-text.ts";
import { oneLine, printable } from "./printable.ts";
import type { Style } from "./style.ts";
import { wholeDiff } from "./tool.ts";

const LENGTH = 240;
/** A longer text of one member is cut. The event has all of it. */
const LONGEST = 1_000_000;

/** What is known of what an agent wants to do; each agent tells a part of it. */
const Details = z.object({
  tool: z.string().optional().catch(undefined),
  input: z.unknown().optional(),
  command: z.unknown().optional(),
  path: z.string().optional().catch(undefined),
  paths: z.array(z.string()).default([]).catch([]),
  diff: z.string().optional().catch(undefined),
  grantRoot: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
});

const text = z.string().optional().catch(undefined);

/** What the agents call the old and the new text. */
const Change = z
  .object({
    content: text,
    old_string: text,
    new_string: text,
    oldString: text,
    newString: text,
    old_str: text,
    new_str: text,
  })
  .catch({});

/** A permission request with everything that it allows. Only texts above 1,000,000 characters are cut. */
export function permissionLines(style: Style, request: PermissionEventData): string[] {
  const details = Details.parse(request.metadata ?? {});
  const { tool, input, command, path, paths, diff, grantRoot, reason } = details;
  const name = visibleText(tool ?? request.action, "name", LENGTH);
  const why = reason === undefined ? "" : `: ${oneLine(reason, LENGTH)}`;
  const files = [...new Set([...paths, ...(path === undefined ? [] : [path])])];
  const line = Array.isArray(command) ? command.map(shellWord).join(" ") : command;
  const { before, after } = changeOf(input);
  const body = [
    ...(typeof line === "string" ? commandLines(style, line) : []),
    ...files.map((file) => style.cyan(wholeName(file))),
    ...(grantRoot === undefined ? [] : [`writing to everything below ${wholeName(grantRoot)}`]),
    ...(diff === undefined ? changeLines(style, before, after) : wholeDiff(style, wholeText(diff))),
    ...inputLines(style, input, new Set([line, ...files, before, after])),
  ];
  return [
    `${style.yellow("?")} ${style.bold(name)} asks for permission${why}`,
    ...body.map((line) => `  ${line}`),
  ];
}

/** A word of a command, quoted where a shell would read more than one word or something else. */
function shellWord(word: unknown): string {
  const text = String(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(text);
}

/** Every line of a command runs, so every line is shown. */
function commandLines(style: Style, command: string): string[] {
  return textLines(command).map((line, index) => `${style.dim(index === 0 ? "$" : ">")} ${line}`);
}

/** What a tool's input says of a change, where the agent makes no diff of it before. */
function changeOf(given: unknown): { before: string; after: string } {
  const input = Change.parse(given ?? {});
  return {
    before: input.old_string ?? input.oldString ?? input.old_str ?? "",
    after: input.new_string ?? input.newString ?? input.new_str ?? input.content ?? "",
  };
}

function changeLines(style: Style, before: string, after: string): string[] {
  const marked = (text: string, mark: string) =>
    text === "" ? [] : textLines(text).map((line) => `${mark}${line}`);
  return [...marked(before, "-").map(style.red), ...marked(after, "+").map(style.green)];
}

/** The members of a tool's input that are not shown by what is known of them. */
function inputLines(style: Style, input: unknown, shown: ReadonlySet<unknown>): string[] {
  if (typeof input !== "object" || input === null) return [];
  return Object.entries(input).flatMap(([name, value]: [string, unknown]) => {
    if (shown.has(value)) return [];
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    const [first = "", ...more] = textLines(text);
    return [`${style.dim(`${wholeName(name)}:`)} ${first}`, ...more.map((line) => `  ${line}`)];
  });
}

/** One part of what an agent asks, its options numbered; before the first the plan, where it is about one. */
export function questionLines(style: Style, part: QuestionPart, plan?: string): string[] {
  const { question, options, multi_select } = part;
  return [
    ...(plan === undefined
      ? []
      : [style.bold("The plan:"), ...indented(printable(plan).trimEnd().split("\n"))]),
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
  return wholeText(text).trimEnd().split("\n");
}

function wholeText(text: string): string {
  return whole(text, "code");
}

function wholeName(text: string): string {
  return whole(text, "name");
}

/** A text up to the bound, and the number of characters and lines beyond it. */
function whole(text: string, kind: TextKind): string {
  const { shown, rest } = cutText(text, LONGEST);
  if (rest === "") return visibleText(shown, kind);
  const lines = rest.split("\n").length.toLocaleString("en");
  const mark = `${restMark(rest.length)} in ${lines} lines are not shown: see the event with --json`;
  return `${visibleText(shown, kind)}\n${mark}`;
}

function indented(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
