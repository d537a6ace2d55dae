import { invalidRequest, type ProblemError } from "../../schema/problem.ts";
import type { QuestionPart } from "../../schema/question.ts";
import { type Elicitation, FormMember, FormSchema } from "./protocol.ts";

/** What an MCP server asks of the user, as a question with a part per member of its form. */
export interface Form {
  parts: QuestionPart[];
  /** The content that the answers make, undefined where they are a no; throws a problem where they do not fit. */
  toContent: (answers: string[][]) => Record<string, unknown> | undefined;
}

/** One member of a form: how it is asked for, and the value that an answer to it means. */
interface Member {
  part: Omit<QuestionPart, "question">;
  toValue: (answers: string[]) => unknown;
}

const YES = "Yes";
const NO = "No";

/** The form of an elicitation; undefined for one that cannot be put into questions. */
export function formOf({ mode, message, requestedSchema }: Elicitation): Form | undefined {
  const schema = mode === "form" ? FormSchema.safeParse(requestedSchema).data : undefined;
  if (!schema) return undefined;
  const members = Object.entries(schema.properties).map(([name, member]) => {
    const { data } = FormMember.safeParse(member);
    return data && { name, title: titleOf(name, data), ...memberOf(data) };
  });
  // A form of nothing wants to know whether it may go on.
  if (members.length === 0) return { parts: [confirmation(message)], toContent: confirmed };
  const known = members.filter((member) => member !== undefined);
  if (known.length < members.length) return undefined;
  return {
    parts: known.map(({ title, part }, index) => ({
      question: index === 0 ? `${message}\n${title}` : title,
      ...part,
    })),
    toContent: (answers) => {
      const content: Record<string, unknown> = {};
      for (const [index, { name, title, toValue }] of known.entries()) {
        const given = (answers[index] ?? []).filter((answer) => answer !== "");
        if (given.length > 0) content[name] = toValue(given);
        else if (schema.required.includes(name)) {
          throw invalidRequest(`an answer is required: ${title}`);
        }
      }
      return content;
    },
  };
}

function confirmation(message: string): QuestionPart {
  return { question: message, multi_select: false, options: [{ label: YES }, { label: NO }] };
}

function confirmed(answers: string[][]): Record<string, unknown> | undefined {
  return answers[0]?.[0] === YES ? {} : undefined;
}

function titleOf(name: string, { title, description }: FormMember): string {
  const words = title ?? name;
  return description === undefined ? words : `${words}: ${description}`;
}

function memberOf(member: FormMember): Member {
  if (member.type === "boolean") {
    return {
      part: { multi_select: false, options: [{ label: YES }, { label: NO }] },
      toValue: ([answer]) => booleanOf(answer),
    };
  }
  if (member.type === "number" || member.type === "integer") {
    return { part: { multi_select: false, options: [] }, toValue: ([answer]) => numberOf(answer) };
  }
  const choices = choicesOf(member);
  const valueOf = (answer: string) => {
    const choice = choices.find(({ label }) => label === answer);
    if (choices.length > 0 && !choice) throw notOffered(answer, choices);
    return choice?.value ?? answer;
  };
  const several = member.type === "array";
  return {
    part: { multi_select: several, options: choices.map(({ label }) => ({ label })) },
    toValue: (answers) => (several ? answers.map(valueOf) : valueOf(answers.join(", "))),
  };
}

function booleanOf(answer = ""): boolean {
  if (/^(yes|true)$/i.test(answer)) return true;
  if (/^(no|false)$/i.test(answer)) return false;
  throw notOffered(answer, [{ label: YES }, { label: NO }]);
}

function notOffered(answer: string, choices: readonly { label: string }[]): ProblemError {
  const labels = choices.map(({ label }) => JSON.stringify(label)).join(", ");
  return invalidRequest(`${JSON.stringify(answer)} is not one of ${labels}`);
}

function numberOf(answer = ""): number {
  const number = Number(answer);
  if (answer.trim() === "" || Number.isNaN(number)) throw invalidRequest(`no number: ${answer}`);
  return number;
}

/** The values that may be chosen; none where any text will do. */
function choicesOf(member: FormMember): { label: string; value: string }[] {
  const source = member.items ?? member;
  const titled = source.oneOf ?? source.anyOf;
  if (titled) return titled.map((choice) => ({ label: choice.title, value: choice.const }));
  const names = member.enumNames ?? [];
  return (source.enum ?? []).map((value, index) => ({ label: names[index] ?? value, value }));
}
