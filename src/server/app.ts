import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { OpenFiles } from "../io/open-files.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { Access } from "./access.ts";
import type { AgentCatalog } from "./agent-catalog.ts";
import { type BodyLimits, BodyReader } from "./body-reader.ts";
import { type Capacity, capacityOf } from "./capacity.ts";
import { Connections } from "./connections.ts";
import { Cors, type CorsOptions } from "./cors.ts";
import { Entrance } from "./entrance.ts";
import { EventStreams } from "./event-stream.ts";
import { addInspector, inspectorPaths, type LoadInspector } from "./inspector.ts";
import type { Metrics } from "./metrics.ts";
import {
  answerClientError,
  answerConnect,
  findProblem,
  internalProblem,
  sendProblem,
} from "./problems.ts";
import { Readers } from "./readers.ts";
import { REQUEST_ID, RequestIds } from "./request-ids.ts";
import { logFault, tellAtEnd } from "./request-log.ts";
import { answered, type Route, type RouteParts } from "./route.ts";
import { loadRoutes, type RouteEntry, routeTable } from "./route-table.ts";
import { StreamSlots } from "./stream-slots.ts";
import { closeWhenUnread, isUnread } from "./unread-body.ts";

const KEEP_ALIVE_MS = 15_000;
const BODY_LIMITS: BodyLimits = { wholeMs: 300_000, silenceMs: 30_000 };
/** Interval between checks for requests that take too long to arrive. */
const CHECK_MS = 5000;
const HEADERS_MS = 30_000;

/** What the server is made from; the daemon hands it in. */
export interface ServerParts {
  sessions: Sessions;
  catalog: AgentCatalog;
  /** Without a token everybody who reaches the port may ask. */
  auth: { token?: string | undefined };
  /** The address or name that the daemon listens on. */
  bindHost: string;
  /** What a `Host` may be besides a loopback name: names, suffixes (`.example.com`) or `*`. */
  allowedHosts: readonly string[];
  cors: CorsOptions;
  logger: FastifyBaseLogger | false;
  version: string;
  metrics: Metrics;
  inspector: LoadInspector;
  /** A problem without secrets: it may quote an agent. */
  redact: <T>(data: T) => T;
  /** How long an event stream may be silent. */
  keepAliveMs?: number;
  bodyLimits?: BodyLimits;
  /** Divided between connections and children. */
  openFiles?: OpenFiles;
  /** By default it follows from the limit of open files. */
  capacity?: Capacity;
  /** The clients that are reading answers. */
  readers?: Readers;
}

/** The HTTP server: routes, who may use them, and a problem for whatever goes wrong. */
export function createApp(parts: ServerParts): FastifyInstance {
  const { sessions, catalog, version, metrics, auth, bindHost, allowedHosts, logger } = parts;
  const pages = inspectorPaths.map((path) => ({ path, method: "get" }) as const);
  const cors = new Cors(parts.cors);
  const access = new Access({ token: auth.token, bindHost, allowedHosts }, cors);
  const bodyLimits = parts.bodyLimits ?? BODY_LIMITS;
  const bodies = new BodyReader(bodyLimits);
  const slots = new StreamSlots(() => connections.streamLimit);
  const entrance = new Entrance([...routeTable, ...pages], { access, cors, slots });
  const requestIds = new RequestIds();
  const readers = parts.readers ?? new Readers();
  const streams = new EventStreams(parts.keepAliveMs ?? KEEP_ALIVE_MS, readers);

  const answerError = (error: unknown, reply: FastifyReply): FastifyReply => {
    const problem = findProblem(error);
    if (!problem) logFault(app.log, reply.request.id, error);
    return sendProblem(reply, problem ?? internalProblem, parts.redact);
  };
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header(REQUEST_ID, request.id);
    tellAtEnd(app.log, metrics, request, reply);
    await entrance.admit(request, reply);
  };
  const refuse = async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    try {
      await admit(request, reply);
      if (!reply.sent) answerError(error, reply);
    } catch (refusal) {
      answerError(refusal, reply);
    }
  };
  const app: FastifyInstance = fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    // Each line of the log names its request, so that no request needs a logger of its own.
    childLoggerFactory: (parent) => parent,
    return503OnClosing: false,
    // Each route answers to HEAD itself: Fastify would make a route of its own for it.
    exposeHeadRoutes: false,
    // No route gives Fastify a schema. To compile some it would load ajv, a tenth of a start.
    schemaController: {
      compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
    },
    // The length of ids is the routes' to judge; Node bounds that of the whole URL.
    routerOptions: { maxParamLength: 1 << 20 },
    http: {
      requireHostHeader: false,
      headersTimeout: HEADERS_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
    // Applies to bodies that no route reads. `BodyReader` has deadlines for the others.
    requestTimeout: bodyLimits.wholeMs + CHECK_MS,
    genReqId: (request) => requestIds.of(request),
    clientErrorHandler(error, socket) {
      const requestId = requestIds.next();
      const status = answerClientError(error, socket, requestId);
      const level = status === undefined ? "debug" : "info";
      app.log[level]({ requestId, code: error.code, status }, "not an HTTP request");
    },
    // A URL that cannot be decoded comes here without having passed the hooks.
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
  });
  // Routes read their body themselves, after path and query.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.addHook("onRequest", (request, reply) => admit(request, reply));
  app.addHook("onSend", (request, reply, _payload, done) => {
    if (!isUnread(request)) return done();
    // A body in the segment of the headers is parsed only after this tick.
    setImmediate(() => {
      closeWhenUnread(request, reply);
      done();
    });
  });
  app.addHook("preClose", () => streams.close());
  app.setErrorHandler((error, _request, reply) => answerError(error, reply));
  app.setNotFoundHandler((request, reply) => entrance.answerUnknown(request, reply));
  let document: Promise<object> | undefined;
  const describe = () => (document ??= describeRoutes(version));
  const openFiles = parts.openFiles ?? new OpenFiles();
  const capacity = parts.capacity ?? capacityOf(openFiles.limit);
  const connections = new Connections(app.server, { capacity, openFiles, log: app.log });
  // Such a request is refused like any other, with an id and a line in the log.
  app.server.on("checkExpectation", (request, response) => {
    app.server.emit("request", request, response);
  });
  app.server.on("connect", (_request, socket) => {
    const requestId = requestIds.next();
    app.log.info({ requestId, status: answerConnect(socket, requestId) }, "CONNECT request");
  });
  const http = { streams, readers, connections, bodies };
  const given = { sessions, catalog, ...http, version, metrics, describe };
  for (const entry of routeTable) register(app, entry, given);
  addInspector(app, parts.inspector);
  return app;
}

function register(app: FastifyInstance, entry: RouteEntry, parts: RouteParts): void {
  const { method, path, takesBody = false } = entry;
  const { isPublic = false, isStream = false, startsWork = false } = entry;
  let route: Route | undefined;
  app.route({
    method: method === "get" ? ["GET", "HEAD"] : method,
    url: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    config: { route: path, isPublic, isStream, startsWork, ignoresBody: !takesBody },
    async handler(request, reply) {
      route ??= await entry.load();
      const answer = await route.run(request, reply, parts);
      if (answer === answered) return reply;
      if (answer === undefined) return reply.code(204).send();
      // With a serializer of its own Fastify adds no charset, and Node sends head and body in one write.
      return reply
        .header("content-type", "application/json")
        .serializer(JSON.stringify)
        .send(answer);
    },
  });
}

function noSchemas(): never {
  throw new Error("no route gives Fastify a schema");
}

/** The generator is loaded here: at the start it would double the time that this takes. */
async function describeRoutes(version: string): Promise<object> {
  const { describeApi } = await import("./openapi.ts");
  return await describeApi(await loadRoutes(), version);
}
