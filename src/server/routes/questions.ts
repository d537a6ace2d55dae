import { QuestionReplyRequest } from "../../schema/question.ts";
import { questionPath } from "../path-params.ts";
import { orStreamError } from "../problems.ts";
import { REPLY_PROBLEMS } from "../reply-problems.ts";
import { route } from "../route.ts";

export const routes = {
  reply_question: route({
    summary: "Answer what the agent wants to know",
    params: questionPath,
    body: QuestionReplyRequest,
    answers: { 204: { description: "The agent has the answer." } },
    problems: REPLY_PROBLEMS,
    async handle({ params, body, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.replyQuestion(params.question_id, body.answers));
    },
  }),
  reject_question: route({
    summary: "Refuse to answer",
    params: questionPath,
    answers: { 204: { description: "The agent knows that there will be no answer." } },
    problems: REPLY_PROBLEMS,
    async handle({ params, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.replyQuestion(params.question_id, null));
    },
  }),
};
