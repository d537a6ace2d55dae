import type { QuestionRequest } from "../agents/agent.ts";
import { invalidRequest, type ProblemError } from "../schema/problem.ts";
import type { QuestionPart } from "../schema/question.ts";

/**
 * One list of labels or texts for each part of a question. Parts without an answer get an empty list.
 *
 * @throws ProblemError `invalid_request` for more answers than parts, for several labels of a single
 * choice, and for a text that is not an option if the agent takes only options.
 */
export function fitAnswers(
  { questions, optionsOnly = [] }: QuestionRequest,
  answers: readonly string[][],
): string[][] {
  if (answers.length > questions.length) {
    throw misfit(
      "answers",
      `has ${answers.length} entries, the question ${questions.length} parts`,
    );
  }
  return questions.map((part, index) => {
    const labels = answers[index] ?? [];
    if (!part.multi_select && labels.length > 1) {
      throw misfit(`answers.${index}`, `has ${labels.length} labels, of which one can be chosen`);
    }
    const other = optionsOnly.includes(index) ? notOffered(part, labels) : undefined;
    if (other !== undefined) {
      const options = part.options.map(({ label }) => JSON.stringify(label)).join(", ");
      throw misfit(`answers.${index}`, `${JSON.stringify(other)} is not one of ${options}`);
    }
    return labels;
  });
}

function notOffered({ options }: QuestionPart, labels: readonly string[]): string | undefined {
  return labels.find((given) => !options.some(({ label }) => label === given));
}

function misfit(path: string, message: string): ProblemError {
  return invalidRequest(`${path}: ${message}`, { issues: [{ path, message }] });
}
