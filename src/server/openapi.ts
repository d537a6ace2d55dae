import {
  OpenApiGeneratorV31,
  OpenAPIRegistry,
  type RouteConfig,
} from "@asteasolutions/zod-to-openapi";
import { type ProblemKind, problemKinds } from "../schema/problem.ts";
import { ProblemDetails } from "../schema/problem-details.ts";
import { REQUEST_ID } from "./request-ids.ts";
import type { Answer, AnswerSchema } from "./route.ts";
import type { LoadedRoute } from "./route-table.ts";

/** The OpenAPI 3.1 document of these routes. */
export async function describeApi(
  routes: readonly LoadedRoute[],
  version: string,
): Promise<object> {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("headers", "RequestId", {
    description: "The id that the client gave the request in this header, else one of ours.",
    required: true,
    schema: { type: "string" },
  });
  registry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "Where the server was started with a token.",
  });
  for (const route of routes) registry.registerPath(await describe(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "sandbox-agent",
      version,
      description: "One API over every coding agent.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "http://localhost:2468" }],
    tags: [{ name: "meta" }, { name: "agents" }, { name: "sessions" }],
  });
}

async function describe(route: LoadedRoute): Promise<RouteConfig> {
  const { method, path, tag, id, summary, params, query, body } = route;
  const answers = Object.entries(route.answers).map(
    async ([status, answer]) => [status, await response(answer)] as const,
  );
  return {
    method,
    path,
    tags: [tag],
    operationId: id,
    summary,
    security: route.isPublic ? [] : [{ token: [] }],
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && {
        body: { required: true, content: { "application/json": { schema: body } } },
      }),
    },
    responses: {
      ...Object.fromEntries(await Promise.all(answers)),
      ...problemResponses(route),
    },
  };
}

/** Every answer has it. */
const REQUEST_ID_HEADER = { [REQUEST_ID]: { $ref: "#/components/headers/RequestId" } };

type Responses = RouteConfig["responses"];

async function response(answer: Answer): Promise<Responses[string]> {
  const { description, content, headers = {} } = answer;
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, required: true, schema: { type: "string" } },
  ]);
  return {
    description,
    ...(content && { content: await contents(content) }),
    headers: { ...Object.fromEntries(described), ...REQUEST_ID_HEADER },
  };
}

async function contents({ type, schema }: NonNullable<Answer["content"]>) {
  const body = { schema: await loaded(schema) };
  return Object.fromEntries([type].flat().map((each) => [each, body]));
}

async function loaded(schema: AnswerSchema) {
  return typeof schema === "function" ? await schema() : schema;
}

function problemResponses(route: LoadedRoute): Responses {
  const byStatus = Object.groupBy(problemsOf(route), (kind) => String(problemKinds[kind].status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, kinds = []]) => [
      status,
      {
        description: kinds.map((kind) => `\`${kind}\``).join(", "),
        content: { "application/problem+json": { schema: ProblemDetails } },
        headers: REQUEST_ID_HEADER,
      },
    ]),
  );
}

function problemsOf(route: LoadedRoute): ProblemKind[] {
  return [
    "invalid_request",
    ...(route.isPublic ? [] : (["token_invalid"] as const)),
    "host_not_allowed",
    ...(route.method !== "get" || route.isStream || route.startsWork
      ? (["origin_not_allowed"] as const)
      : []),
    ...(route.body
      ? (["unsupported_media_type", "request_timeout", "payload_too_large"] as const)
      : []),
    ...(route.isStream ? (["too_many_streams"] as const) : []),
    ...route.problems,
    "internal",
  ];
}
