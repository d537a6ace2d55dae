import type { FastifyReply, FastifyRequest } from "fastify";
import { ProblemError } from "../schema/problem.ts";
import type { Access } from "./access.ts";
import { ANSWER_HEADERS } from "./answer-headers.ts";
import type { Cors } from "./cors.ts";
import { sendProblem } from "./problems.ts";
import { checkHead } from "./request-head.ts";
import type { RouteEntry } from "./route-table.ts";
import type { StreamSlots } from "./stream-slots.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Its path, as the description of the API has it. */
    route?: string;
    /** Asks for no token. */
    isPublic?: boolean;
    /** Keeps its answer open. */
    isStream?: boolean;
    /** Starts processes or sends requests to providers, although it may only read. */
    startsWork?: boolean;
    /** A body of whatever type is not looked at. */
    ignoresBody?: boolean;
  }
}

/** The parts of an entrance. */
export interface EntranceParts {
  access: Access;
  cors: Cors;
  slots: StreamSlots;
}

/** What every request passes first, also one for which there is no route. */
export class Entrance {
  readonly #access: Access;
  readonly #cors: Cors;
  readonly #slots: StreamSlots;
  readonly #paths: { pattern: RegExp; method: string }[];

  constructor(
    routes: readonly Pick<RouteEntry, "path" | "method">[],
    { access, cors, slots }: EntranceParts,
  ) {
    this.#access = access;
    this.#cors = cors;
    this.#slots = slots;
    this.#paths = routes.map(({ path, method }) => ({
      pattern: patternOf(path),
      method: method.toUpperCase(),
    }));
  }

  /** Sets the headers of every answer, answers OPTIONS, and throws a problem to refuse a request. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { method, headers } = request;
    reply.headers(ANSWER_HEADERS).headers(this.#cors.headers(headers));
    checkHead(request.raw);
    // Node (24) discards a second request that comes in one segment with an offer to upgrade.
    if (headers.upgrade !== undefined) reply.header("connection", "close");
    if (method === "OPTIONS") {
      const allowed = this.#allowedMethods(pathOf(request));
      if (allowed) reply.header("allow", allowed);
      await reply.headers(this.#cors.preflightHeaders(headers)).code(200).send();
      return;
    }
    const { isPublic, isStream, startsWork, ignoresBody } = request.routeOptions.config;
    this.#access.check({
      headers,
      isPublic: isPublic ?? !/^\/v1(?:\/|$)/.test(pathOf(request)),
      isGuarded:
        isStream === true || startsWork === true || (method !== "GET" && method !== "HEAD"),
    });
    if (isStream === true && method !== "HEAD") this.#slots.take(reply);
    // Fastify refuses a content type that it cannot parse, even of a body that nobody reads.
    if (ignoresBody) delete request.raw.headers["content-type"];
    // Fastify throws for a QUERY without a type before it answers that no route takes the method.
    if (method === "QUERY") request.raw.headers["content-type"] ??= "application/octet-stream";
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
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}
