import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { ProblemKind } from "../schema/problem.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { AgentCatalog } from "./agent-catalog.ts";
import type { BodyReader } from "./body-reader.ts";
import type { Connections } from "./connections.ts";
import type { EventStreams } from "./event-stream.ts";
import type { Metrics } from "./metrics.ts";
import type { Readers } from "./readers.ts";
import { readJsonBody } from "./request-body.ts";
import { parsePart, parseQuery } from "./validation.ts";

const BODY_LIMIT_BYTES = 2 * 1024 * 1024;

/** Returned by a handler that has answered itself: the reply will not do, since it can be awaited. */
export const answered = Symbol("answered");

/** What the handlers work on. */
export interface RouteParts {
  sessions: Sessions;
  catalog: AgentCatalog;
  streams: EventStreams;
  connections: Connections;
  bodies: BodyReader;
  readers: Readers;
  version: string;
  metrics: Metrics;
  /** Gives the OpenAPI document of the API. */
  describe: () => Promise<object>;
}

/** Only the description of the API needs it: what loads one spares that to whoever asks for less. */
export type AnswerSchema =
  | z.ZodType
  | (() => Promise<z.ZodType>)
  | { type: "string"; format?: "binary" };

/** One way in which a route answers. */
export interface Answer {
  description: string;
  /** Absent for an answer without a body; of several types each answer has one. */
  content?: { type: string | readonly string[]; schema: AnswerSchema };
  headers?: Record<string, string>;
}

/** A request whose parts have been parsed. */
export interface Call<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  request: FastifyRequest;
  reply: FastifyReply;
  parts: RouteParts;
}

interface Description {
  summary: string;
  bodyLimitBytes?: number;
  answers: Record<number, Answer>;
  /** Besides those that every route has. */
  problems: ProblemKind[];
}

/** The parts of a request that a route looks at; of one that is absent, at nothing. */
interface Parts<P, Q, B> {
  params?: P;
  query?: Q;
  body?: B;
}

/** What a route takes and answers: what both the server and the description of the API are made from. */
export interface Route extends Description, Parts<z.ZodObject, z.ZodObject, z.ZodType> {
  /**
   * Parses the request, path first, then query, then body, and handles it. What is returned is
   * answered as JSON; undefined is 204; a handler that has answered itself returns `answered`.
   */
  run(request: FastifyRequest, reply: FastifyReply, parts: RouteParts): Promise<unknown>;
}

/** A file of `routes`: what stands under a path is in the table of routes, by the same id. */
export interface RouteModule<Id extends string> {
  routes: Record<Id, Route>;
}

/** Makes a route out of its description and its handler. */
export function route<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodObject,
>(
  spec: Description &
    Parts<P, Q, B> & {
      handle(call: Call<z.output<P>, z.output<Q>, z.output<B>>): unknown;
    },
): Route {
  const limitBytes = spec.bodyLimitBytes ?? BODY_LIMIT_BYTES;
  return {
    ...spec,
    async run(request, reply, parts) {
      const params = parsePart(spec.params, request.params, "path");
      const query = parseQuery(spec.query, request.query);
      const given = spec.body && (await readJsonBody(request.raw, parts.bodies, limitBytes));
      const body = parsePart(spec.body, given, "body");
      return await spec.handle({ params, query, body, request, reply, parts });
    },
  };
}

/** An answer with a body of text. */
export function text(description: string): Answer {
  return { description, content: { type: "text/plain", schema: { type: "string" } } };
}

/** An answer with a JSON body. */
export function json(schema: AnswerSchema, description: string): Answer {
  return { description, content: { type: "application/json", schema } };
}
