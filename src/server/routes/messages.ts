import { MessageRequest, TurnStreamQuery } from "../../schema/message.ts";
import { UniversalEvent } from "../../schema/event.ts";
import type { ProblemKind } from "../../schema/problem.ts";
import type { Session } from "../../sessions/session.ts";
import type { Turn } from "../../sessions/turn.ts";
import { takeAttachments } from "../attachments.ts";
import { sessionPath } from "../path-params.ts";
import { includesRaw } from "../raw-flag.ts";
import { answered, route } from "../route.ts";

const BODY_LIMIT_BYTES = 24 * 1024 * 1024;

const TURN_ID = { "x-turn-id": "The `turn_id` of the turn that this message becomes." };

const problems: ProblemKind[] = [
  "session_not_found",
  "session_ended",
  "agent_process_exited",
  "queue_full",
  "storage_failed",
];

export const routes = {
  post_message: route({
    summary: "Send a message; it waits while a turn runs",
    params: sessionPath,
    body: MessageRequest,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    answers: { 204: { description: "It is accepted, not yet answered.", headers: TURN_ID } },
    problems,
    async handle({ params, body, reply, parts }) {
      const turn = await post(await parts.sessions.get(params.session_id), body);
      reply.header("x-turn-id", turn.id);
    },
  }),
  post_message_stream: route({
    summary: "Send a message and stream the events of its turn",
    params: sessionPath,
    query: TurnStreamQuery,
    body: MessageRequest,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    answers: {
      200: {
        description:
          "From the turn's start to its end, or to its first permission or question. Each `data` is an event.",
        content: { type: "text/event-stream", schema: UniversalEvent },
        headers: TURN_ID,
      },
    },
    problems,
    async handle({ params, query, body, reply, parts }) {
      const includeRaw = includesRaw(query);
      const session = await parts.sessions.get(params.session_id);
      const turn = await post(session, body);
      reply.header("x-turn-id", turn.id);
      await parts.streams.send(reply, {
        log: session.log,
        includeRaw,
        after: () => (turn.startSequence === undefined ? undefined : turn.startSequence - 1),
        until: () => turn.streamEnd,
      });
      return answered;
    },
  }),
};

async function post(session: Session, { message, attachments }: MessageRequest): Promise<Turn> {
  const taken = await takeAttachments(session, attachments ?? []);
  try {
    return session.post({ text: message, attachments: taken.attachments });
  } catch (error) {
    await taken.discard();
    throw error;
  }
}
