import type { QuestionRequest } from "./agent.ts";

const APPROVE = "approve";
const REJECT = "reject";

/** The question whether a plan is approved, the same of every agent. */
export function planQuestion(id: string, plan: string | undefined): QuestionRequest {
  return {
    id,
    questions: [
      {
        question: "Approve plan execution?",
        multi_select: false,
        options: [{ label: APPROVE }, { label: REJECT }],
      },
    ],
    metadata: { kind: "plan", ...(plan !== undefined && { plan }) },
  };
}

/** What an answer to it means; `words` are what the user has said instead of yes or no. */
export function planVerdict(answers: string[][] | null): { approved: boolean; words?: string } {
  const answer = answers?.[0]?.[0];
  if (answer === APPROVE) return { approved: true };
  if (answer === undefined || answer === REJECT) return { approved: false };
  return { approved: false, words: answer };
}
