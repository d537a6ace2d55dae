import type { PermissionEventData, PermissionReply } from "../schema/permission.ts";
import type { QuestionEventData, QuestionPart } from "../schema/question.ts";
import { permissionLines, questionLines, questionParts } from "./render/request.ts";
import type { Style } from "./render/style.ts";
import type { Transcript } from "./render/transcript.ts";
import type { LineReader, Screen } from "./screen.ts";

/** Who answers what an agent asks for; the signal says that it is answered otherwise. */
export interface Answerer {
  permission(request: PermissionEventData, signal: AbortSignal): Promise<PermissionReply>;
  question(request: QuestionEventData, signal: AbortSignal): Promise<string[][] | null>;
}

/** Answers by what was said beforehand; what nobody has thought of is refused. */
export class GivenAnswers implements Answerer {
  readonly #reply: PermissionReply;
  readonly #labels: readonly string[];

  constructor(reply: PermissionReply, labels: readonly string[]) {
    this.#reply = reply;
    this.#labels = labels;
  }

  async permission(): Promise<PermissionReply> {
    return this.#reply;
  }

  async question(request: QuestionEventData): Promise<string[][] | null> {
    const answers = questionParts(request).map((part) => this.#choose(part));
    return answers.every((labels) => labels.length > 0) ? answers : null;
  }

  #choose({ options, multi_select }: QuestionPart): string[] {
    // A part without options takes any text.
    if (options.length === 0) return this.#labels.slice(0, 1);
    const chosen = options
      .map(({ label }) => label)
      .filter((label) => this.#labels.includes(label));
    return multi_select ? chosen : chosen.slice(0, 1);
  }
}

/** Asks whoever sits at the terminal. */
export class AskedAnswers implements Answerer {
  readonly #screen: Screen;
  readonly #transcript: Transcript;
  readonly #style: Style;

  constructor(screen: Screen, transcript: Transcript, style: Style) {
    this.#screen = screen;
    this.#transcript = transcript;
    this.#style = style;
  }

  async permission(request: PermissionEventData, signal: AbortSignal): Promise<PermissionReply> {
    const reply = await this.#screen.ask(async (reader) => {
      const lines = permissionLines(this.#style, request);
      return readReply(reader, this.#transcript.show(lines));
    }, signal);
    return reply ?? "reject";
  }

  async question(request: QuestionEventData, signal: AbortSignal): Promise<string[][] | null> {
    const { plan } = request.metadata ?? {};
    const answers = await this.#screen.ask(async (reader) => {
      const chosen: string[][] = [];
      for (const part of questionParts(request)) {
        const lines = questionLines(this.#style, part, chosen.length === 0 ? plan : undefined);
        const labels = await readLabels(reader, this.#transcript.show(lines), part);
        if (labels === undefined) return null;
        chosen.push(labels);
      }
      return chosen;
    }, signal);
    return answers ?? null;
  }
}

const replies: Record<string, PermissionReply> = {
  y: "once",
  yes: "once",
  a: "always",
  always: "always",
  n: "reject",
  no: "reject",
};

/** The end of the input is a no. */
async function readReply(reader: LineReader, request: string): Promise<PermissionReply> {
  let text = request;
  for (;;) {
    const line = await reader.read(`${text}Allow it? y(es), a(lways in this session), n(o): `);
    if (line === undefined) return "reject";
    const reply = replies[line.trim().toLowerCase()];
    if (reply !== undefined) return reply;
    text = "";
  }
}

async function readLabels(
  reader: LineReader,
  question: string,
  part: QuestionPart,
): Promise<string[] | undefined> {
  let text = question;
  for (;;) {
    const line = await reader.read(`${text}${hintOf(part)}: `);
    if (line === undefined) return undefined;
    const labels = toLabels(line, part);
    if (labels.length > 0) return labels;
    text = "";
  }
}

function hintOf({ options, multi_select }: QuestionPart): string {
  if (options.length === 0) return "Your answer (Ctrl-D: none)";
  return multi_select
    ? "Numbers, or your own words (Ctrl-D: no answer)"
    : "A number, or your own words (Ctrl-D: no answer)";
}

/** Numbers stand for options; anything else is an answer in one's own words. */
export function toLabels(line: string, { options, multi_select }: QuestionPart): string[] {
  const text = line.trim();
  const words = multi_select ? text.split(",").map((word) => word.trim()) : [text];
  const labels = words.filter((word) => word !== "").map((word) => toLabel(word, options));
  return [...new Set(labels)];
}

function toLabel(word: string, options: QuestionPart["options"]): string {
  const numbered = /^\d+$/.test(word) ? options[Number(word) - 1] : undefined;
  const named = options.find(({ label }) => label.toLowerCase() === word.toLowerCase());
  return (numbered ?? named)?.label ?? word;
}
