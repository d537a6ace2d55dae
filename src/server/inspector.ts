import { promisify } from "node:util";
import { brotliDecompress, gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import { ProblemError } from "../schema/problem.ts";
import { pathOf } from "./entrance.ts";

/** A file of the inspector as it was built. */
export interface InspectorFile {
  /** Where it is, below `/ui/`. */
  path: string;
  type: string;
  /** Compressed with brotli, in base64. */
  brotli: string;
}

/** Gives the files of the page; undefined where it has not been built. */
export type LoadInspector = () => Promise<readonly InspectorFile[] | undefined>;

/** The routes of the page; they are no part of the API and stand in no description of it. */
export const inspectorPaths = ["/ui", "/ui/*"];

const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Agents' images come as data; nothing is fetched from a place that an agent names.
    "img-src 'self' data: blob:",
    // A person may name another daemon.
    "connect-src 'self' http: https:",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};
/** Their names hold a digest of what they are. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** Serves the page with which a person sees and drives sessions; it asks for no token. */
export function addInspector(app: FastifyInstance, load: LoadInspector): void {
  let loading: Promise<ReadonlyMap<string, Packed> | undefined> | undefined;
  const files = () =>
    (loading ??= load().then(
      (built) => built && new Map(built.map((file) => [file.path, new Packed(file)])),
    ));
  const method = ["GET", "HEAD"];
  const config = { route: "/ui/", isPublic: true };
  const redirect: RouteHandlerMethod = async (request, reply) => {
    const query = request.url.slice(pathOf(request).length);
    // Relative, since a proxy may have taken off what stands before it.
    return await reply.headers(HEADERS).redirect(`ui/${query}`);
  };
  const answer: RouteHandlerMethod = async (request, reply) => {
    const all = await files();
    const below = pathOf(request).slice("/ui/".length);
    const file = all?.get(below);
    const page = all?.get("index.html");
    if (!all || !page) throw notBuilt();
    reply.headers(HEADERS);
    if (file && file !== page) return await sendFile(request, reply, file);
    // Any path of the page is the page, which shows what its address names.
    if (!/^(index\.html|sessions\/[^/]+|[^.]*)$/.test(below) || below.startsWith("assets/")) {
      throw new ProblemError("not_found", `not found: the inspector has no ${below}`);
    }
    const html = (await page.plain()).toString();
    return await reply
      .header("cache-control", "no-cache")
      .type(page.type)
      .send(html.replace('<base href="./"', `<base href="${rootFrom(below)}"`));
  };
  app.route({ method, url: "/ui", config, handler: redirect });
  app.route({ method, url: "/ui/*", config, handler: answer });
}

/** What leads from a path of the page to its root: relative again. */
function rootFrom(below: string): string {
  return "../".repeat(below.split("/").length - 1) || "./";
}

function notBuilt(): ProblemError {
  return new ProblemError(
    "not_found",
    "not found: this daemon runs from sources whose inspector is not built; run `npm run inspector` and start it again",
  );
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: Packed,
): Promise<FastifyReply> {
  const vary = [reply.getHeader("vary"), "accept-encoding"].filter(Boolean).join(", ");
  reply.headers({ vary, "cache-control": FOR_EVER }).type(file.type);
  const accepted = request.headers["accept-encoding"] ?? "";
  if (accepts(accepted, "br")) return reply.header("content-encoding", "br").send(file.brotli);
  if (!accepts(accepted, "gzip")) return reply.send(await file.plain());
  return reply.header("content-encoding", "gzip").send(await file.gzip());
}

function accepts(header: string, encoding: string): boolean {
  const named = header.split(",").map((one) => one.trim().toLowerCase().replaceAll(/\s/g, ""));
  return named.some((one) => one.startsWith(encoding) && !/;q=0(?:\.0*)?$/.test(one));
}

/** A file and what it is to those who do not take brotli, made when first asked for. */
class Packed {
  readonly type: string;
  readonly brotli: Buffer;
  #plain: Promise<Buffer> | undefined;
  #gzip: Promise<Buffer> | undefined;

  constructor({ type, brotli }: InspectorFile) {
    this.type = type;
    this.brotli = Buffer.from(brotli, "base64");
  }

  plain(): Promise<Buffer> {
    return (this.#plain ??= promisify(brotliDecompress)(this.brotli));
  }

  gzip(): Promise<Buffer> {
    return (this.#gzip ??= this.plain().then((bytes) => promisify(gzip)(bytes, { level: 9 })));
  }
}
