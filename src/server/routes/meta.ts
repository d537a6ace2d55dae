import { z } from "zod";
import { HealthResponse } from "../../schema/agent.ts";
import { answered, json, none, type Route, route } from "../route.ts";

const BANNER = `This is a Sandbox Agent server. Endpoints:
  GET  /           this text
  GET  /v1/health  whether the server runs
  GET  /ui/        the inspector

See https://sandboxagent.dev
`;

export const metaRoutes: Route[] = [
  route({
    method: "get",
    path: "/",
    tag: "meta",
    id: "get_root",
    summary: "What this server is",
    params: none,
    query: none,
    body: none,
    answers: {
      200: { description: "A banner.", content: { type: "text/plain", schema: z.string() } },
    },
    problems: [],
    isPublic: true,
    handle({ reply }) {
      reply.type("text/plain; charset=utf-8").send(BANNER);
      return answered;
    },
  }),
  route({
    method: "get",
    path: "/v1/health",
    tag: "meta",
    id: "get_health",
    summary: "Whether the server runs; asks for no token",
    params: none,
    query: none,
    body: none,
    answers: { 200: json(HealthResponse, "It runs.") },
    problems: [],
    isPublic: true,
    handle: () => ({ status: "ok" }),
  }),
  route({
    method: "get",
    path: "/metrics",
    tag: "meta",
    id: "get_metrics",
    summary: "What an operator measures, for Prometheus",
    params: none,
    query: none,
    body: none,
    answers: {
      200: {
        description: "Metrics in the text format of Prometheus.",
        content: { type: "text/plain", schema: z.string() },
      },
    },
    problems: [],
    async handle({ reply, parts }) {
      const { sessions, streams, metrics, catalog, version } = parts;
      const book = await metrics.open();
      const { requestsInFlight, processes } = metrics;
      const text = await book.read({
        sessions,
        openStreams: streams.size,
        requestsInFlight,
        processes,
        restarts: catalog.restarts(),
        version,
      });
      reply.type(book.contentType).send(text);
      return answered;
    },
  }),
];
