import { QuestionReplyRequest } from "../../schema/question.ts";
import { questionPath } from "../path-params.ts";
import { orStreamError } from "../problems.ts";
import { none, type Route, route } from "../route.ts";

export const questionRoutes: Route[] = [
  route({
    method: "post",
    path: "/v1/sessions/{session_id}/questions/{question_id}/reply",
    tag: "sessions",
    id: "reply_question",
    summary: "Answer what the agent wants to know",
    params: questionPath,
    query: none,
    body: QuestionReplyRequest,
    answers: { 204: { description: "The agent has the answer." } },
    problems: ["session_not_found", "stream_error"],
    async handle({ params, body, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.replyQuestion(params.question_id, body.answers));
    },
  }),
  route({
    method: "post",
    path: "/v1/sessions/{session_id}/questions/{question_id}/reject",
    tag: "sessions",
    id: "reject_question",
    summary: "Refuse to answer",
    params: questionPath,
    query: none,
    body: none,
    answers: { 204: { description: "The agent knows that there will be no answer." } },
    problems: ["session_not_found", "stream_error"],
    async handle({ params, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.replyQuestion(params.question_id, null));
    },
  }),
];
