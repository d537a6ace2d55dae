import { answered, json, route, text } from "../route.ts";

const BANNER = `This is a Sandbox Agent server. Endpoints:
  GET  /           this text
  GET  /v1/health  whether the server runs
  GET  /ui/        the inspector

See /openapi.json for the description of the API.
`;

/** What starts a daemon asks for this before anything: it draws in no schema. */
const healthResponse = async () => (await import("../../schema/agent.ts")).HealthResponse;

export const routes = {
  get_root: route({
    summary: "What this server is",
    answers: { 200: text("A banner.") },
    problems: [],
    handle({ reply }) {
      reply.type("text/plain; charset=utf-8").send(BANNER);
      return answered;
    },
  }),
  get_health: route({
    summary: "Whether the server runs; asks for no token",
    answers: { 200: json(healthResponse, "It runs.") },
    problems: [],
    handle: () => ({ status: "ok" }),
  }),
  get_metrics: route({
    summary: "What an operator measures, for Prometheus",
    answers: { 200: text("Metrics in the text format of Prometheus.") },
    problems: [],
    async handle({ reply, parts }) {
      const { sessions, streams, connections, metrics, catalog, version } = parts;
      const book = await metrics.open();
      const { requestsInFlight, processes, droppedLogLines } = metrics;
      const read = await book.read({
        sessions,
        openStreams: streams.size,
        streamLimit: connections.streamLimit,
        connections: connections.open,
        connectionLimit: connections.limit,
        requestsInFlight,
        processes,
        droppedLogLines: droppedLogLines(),
        restarts: catalog.restarts(),
        version,
      });
      reply.type(book.contentType).send(read);
      return answered;
    },
  }),
};
