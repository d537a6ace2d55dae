import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import type { Agent } from "../../src/agents/agent.ts";
import { AgentCatalog, type AgentCatalogOptions } from "../../src/server/agent-catalog.ts";
import { Metrics } from "../../src/server/metrics.ts";
import { createApp, type ServerParts } from "../../src/server/app.ts";
import { describeApi } from "../../src/server/openapi.ts";
import { loadRoutes } from "../../src/server/route-table.ts";
import type { Sessions, SessionsOptions } from "../../src/sessions/sessions.ts";
import { createSessions } from "./sessions.ts";

/** An app whose every answer is held against the description of the API. */
export interface ValidatedApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly sessions: Sessions;
  inject(options: InjectOptions): Promise<LightMyRequestResponse>;
  /** Sends JSON. */
  post(url: string, payload?: object): Promise<LightMyRequestResponse>;
  get(url: string): Promise<LightMyRequestResponse>;
  /** Creates a session of the first agent. */
  createSession(id: string, body?: object): Promise<void>;
}

/** What a test wants of its app besides a mock agent that does not pause. */
export interface AppOptions extends Partial<ServerParts> {
  agents?: Agent[];
  sessionsOptions?: Partial<SessionsOptions>;
  catalogOptions?: Partial<AgentCatalogOptions>;
}

/** Makes an app of parts that need nothing of this machine; disposal closes it and its sessions. */
export async function validatedApp(options: AppOptions = {}): Promise<ValidatedApp> {
  const { agents = [createMockAgent({ pauseMs: 0 })], sessionsOptions, catalogOptions } = options;
  const sessions = options.sessions ?? createSessions(agents, sessionsOptions);
  const app = createApp({
    sessions,
    catalog: createCatalog(agents, catalogOptions),
    auth: {},
    bindHost: "127.0.0.1",
    allowedHosts: [],
    cors: { origins: [], credentials: false },
    logger: false,
    version: "0.0.0-test",
    metrics: new Metrics(),
    inspector: async () => undefined,
    redact: (data) => data,
    ...options,
  });
  const headers = { host: "localhost" };
  const validate = await (validator ??= describedRoutes());
  const inject = async (request: InjectOptions) => {
    const response = await app.inject({ ...request, headers: { ...headers, ...request.headers } });
    const url = typeof request.url === "string" ? request.url : (request.url?.pathname ?? "/");
    validate(request.method ?? "GET", url.replace(/\?.*$/s, ""), response);
    return response;
  };
  const post = (url: string, payload?: object) =>
    inject({ method: "POST", url, ...(payload && { payload }) });
  return {
    app,
    sessions,
    inject,
    post,
    get: (url) => inject({ url }),
    async createSession(id, body = {}) {
      const agent = agents[0]?.id ?? "mock";
      const response = await post(`/v1/sessions/${encodeURIComponent(id)}`, { agent, ...body });
      if (response.statusCode !== 200) throw new Error(response.body);
    },
    async [Symbol.asyncDispose]() {
      await sessions[Symbol.asyncDispose]();
      await app.close();
    },
  };
}

/** A catalog for agents of which none has to be found or installed. */
export function createCatalog(
  agents: Agent[],
  options: Partial<AgentCatalogOptions> = {},
): AgentCatalog {
  return new AgentCatalog({
    agents: new Map(agents.map((agent) => [agent.id, agent])),
    installer: {
      find: async () => undefined,
      install: async () => undefined,
      progress: () => undefined,
    },
    hasCredentials: () => true,
    childEnv: () => ({}),
    examine: async ({ id }) => ({ agent: id, status: "ok", checks: [] }),
    directory: "/",
    startChild: () => {
      throw new Error("no agent of this test starts a process");
    },
    redact: (data) => data,
    ...options,
  });
}

/** The validator that the apps of a process share, as they have the same routes. */
let validator: Promise<Check> | undefined;

async function describedRoutes(): Promise<Check> {
  const document = await describeApi(await loadRoutes(), "0.0.0-test");
  return createValidator(JSON.parse(JSON.stringify(document)) as ApiDocument);
}

interface ApiDocument {
  paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>;
}

type Check = (method: string, path: string, response: LightMyRequestResponse) => void;

/** Throws for an answer that the document does not describe: its status, its type or its body. */
function createValidator(document: ApiDocument): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "api");
  const compiled = new Map<string, ValidateFunction>();
  const requireValid = (pointer: string, value: unknown) => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, validate);
    if (!validate(value)) {
      throw new Error(`${pointer}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
    }
  };
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  return (method, path, response) => {
    const status = String(response.statusCode);
    const type = (response.headers["content-type"] ?? "").replace(/;.*$/, "");
    if (method === "OPTIONS") return;
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    const template = templates.find(({ pattern }) => pattern.test(path))?.template ?? "";
    const responses = document.paths[template]?.[verb]?.responses;
    if (!responses) {
      if (!["400", "401", "403", "404", "405"].includes(status))
        throw new Error(`${path}: ${status}`);
      if (method !== "HEAD") requireValid("/components/schemas/ProblemDetails", response.json());
      return;
    }
    const described = responses[status];
    if (!described) throw new Error(`${method} ${template} does not describe ${status}`);
    if (method === "HEAD") return;
    if (!described.content) {
      if (response.body !== "") throw new Error(`${method} ${template}: ${status} with a body`);
      return;
    }
    if (!Object.hasOwn(described.content, type)) throw new Error(`${template}: type ${type}`);
    const place = ["paths", template, verb, "responses", status, "content", type, "schema"];
    const pointer = place.map((key) => `/${encodeKey(key)}`).join("");
    for (const value of valuesOf(type, response.body)) requireValid(pointer, value);
  };
}

function encodeKey(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function valuesOf(type: string, body: string): unknown[] {
  if (type.startsWith("image/")) return [];
  if (type === "text/plain") return [body];
  if (type !== "text/event-stream") return [JSON.parse(body)];
  return [...body.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));
}
