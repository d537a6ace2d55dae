import type { FastifyRequest } from "fastify";
import { EventsResponse, UniversalEvent } from "../../schema/event.ts";
import { EventsQuery } from "../../schema/message.ts";
import { sendPage } from "../events-page.ts";
import { sessionPath } from "../path-params.ts";
import { includesRaw } from "../raw-flag.ts";
import { answered, json, route } from "../route.ts";
import { validationProblem } from "../validation.ts";

export const routes = {
  get_events: route({
    summary: "The events after `offset`, at most `limit` of them",
    params: sessionPath,
    query: EventsQuery,
    answers: { 200: json(EventsResponse, "A page of events.") },
    problems: ["session_not_found", "events_expired"],
    async handle({ params, query, reply, parts }) {
      const includeRaw = includesRaw(query);
      const { log } = parts.sessions.peek(params.session_id);
      const offset = Number(query.offset ?? 0);
      const limit = query.limit === undefined ? undefined : Number(query.limit);
      log.requireKept(offset);
      await sendPage(reply, log, parts.readers, { offset, limit, includeRaw });
      return answered;
    },
  }),
  get_events_sse: route({
    summary: "Stream the events after `offset` or `Last-Event-ID`, then what comes",
    params: sessionPath,
    query: EventsQuery,
    answers: {
      200: {
        description: "Ends after `session.ended`. Each `data` is an event, its `id` the sequence.",
        content: { type: "text/event-stream", schema: UniversalEvent },
      },
      204: { description: "The session has ended and `Last-Event-ID` is its last event." },
    },
    problems: ["session_not_found", "events_expired"],
    async handle({ params, query, request, reply, parts }) {
      const includeRaw = includesRaw(query);
      const lastEventId = readLastEventId(request);
      const { log } = parts.sessions.peek(params.session_id);
      const offset = lastEventId ?? Number(query.offset ?? 0);
      log.requireKept(offset);
      // An EventSource reconnects until it gets a 204.
      if (lastEventId !== undefined && log.closed && offset >= log.lastSequence) return undefined;
      const source = { log, includeRaw, after: () => offset, until: () => undefined };
      await parts.streams.send(reply, source);
      return answered;
    },
  }),
};

function readLastEventId({ headers }: FastifyRequest): number | undefined {
  const id = headers["last-event-id"];
  if (id === undefined) return undefined;
  if (typeof id === "string" && /^\d{1,15}$/.test(id)) return Number(id);
  const message = "must be the `id` of an event: a whole number from 0";
  throw validationProblem([{ path: "Last-Event-ID", message }]);
}
