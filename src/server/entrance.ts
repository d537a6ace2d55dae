import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../schema/problem.ts";
import type { Access } from "./access.ts";
import type { Cors } from "./cors.ts";
import { sendProblem } from "./problems.ts";
import type { RouteEntry } from "./route-table.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Its path, as the description of the API has it. */
    route?: string;
    /** Asks for no token. */
    isPublic?: boolean;
    /** Keeps its answer open. */
    isStream?: boolean;
    /** A body of whatever type is not looked at. */
    ignoresBody?: boolean;
  }
}

/** What every request passes first, also one for which there is no route. */
export class Entrance {
  readonly #access: Access;
  readonly #cors: Cors;
  readonly #paths: { pattern: RegExp; method: string }[];

  constructor(routes: readonly Pick<RouteEntry, "path" | "method">[], access: Access, cors: Cors) {
    this.#access = access;
    this.#cors = cors;
    this.#paths = routes.map(({ path, method }) => ({
      pattern: patternOf(path),
      method: method.toUpperCase(),
    }));
  }

  /** Sets the headers of CORS, answers OPTIONS itself, and throws a problem for who may not ask. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { method, headers } = request;
    reply.headers(this.#cors.headers(headers));
    if (method === "OPTIONS") {
      const allowed = this.#allowedMethods(pathOf(request));
      if (allowed) reply.header("allow", allowed);
      reply.headers(this.#cors.preflightHeaders(headers)).code(200).send();
      return;
    }
    const { isPublic, isStream, ignoresBody } = request.routeOptions.config;
    this.#access.check({
      headers,
      isPublic: isPublic ?? !/^\/v1(?:\/|$)/.test(pathOf(request)),
      isGuarded: isStream === true || (method !== "GET" && method !== "HEAD"),
    });
    // Fastify refuses a content type that it cannot parse, even of a body that nobody reads.
    if (ignoresBody) delete request.raw.headers["content-type"];
  }

  /** Answers a request for which there is no route: the path is wrong, or only the method. */
  answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { method } = request;
    const path = pathOf(request);
    const allowed = this.#allowedMethods(path);
    if (allowed === undefined) {
      const detail = `not found: there is no ${path}; GET /openapi.json tells what there is`;
      return sendProblem(reply, new ProblemError("not_found", detail));
    }
    const detail = `method not allowed: ${path} answers to ${allowed}, not to ${method}`;
    return sendProblem(
      reply.header("allow", allowed),
      new ProblemError("method_not_allowed", detail),
    );
  }

  #allowedMethods(path: string): string | undefined {
    const methods = this.#paths
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    return methods.length > 0 ? methods.join(",") : undefined;
  }
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source.replace(/\*$/, ".*")}$`);
}

/** The path of a request as it was sent, without the query. */
export function pathOf({ url }: FastifyRequest): string {
  return url.replace(/\?.*$/s, "");
}
