import type { QuestionRequest } from "../agent.ts";
import type { ItemOf } from "./protocol.ts";

/**
 * What a message asks for whose answer Codex does not wait (0.169.0): it goes on, and hears the
 * answer as a message of the user, also when its turn has long ended.
 */
export function asyncQuestion(item: ItemOf<"agentMessage">): QuestionRequest | undefined {
  const questions = item.delivery === "async" ? (item.questions ?? []) : [];
  if (questions.length === 0) return undefined;
  return {
    id: item.id,
    questions: questions.map(({ title, options }) => ({
      question: title,
      multi_select: false,
      options: (options ?? []).map((label) => ({ label })),
    })),
    background: true,
  };
}

/** The message that tells Codex what was answered; undefined where nothing was. */
export function answerText(request: QuestionRequest, answers: string[][]): string | undefined {
  const told = request.questions.flatMap(({ question }, index) => {
    const answer = (answers[index] ?? []).join(", ");
    return answer === "" ? [] : [`${question}\n${answer}`];
  });
  return told.length > 0 ? told.join("\n\n") : undefined;
}
