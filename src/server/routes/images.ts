import { ImageQuery } from "../../schema/image.ts";
import { imageTypes, readImage } from "../image-file.ts";
import { sessionPath } from "../path-params.ts";
import { answered, route } from "../route.ts";

/** A browser is to show it and nothing else, also where somebody opens it by itself. */
const HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
  "cache-control": "private, no-cache",
};

export const routes = {
  get_image: route({
    summary: "An image that an event of the session names",
    params: sessionPath,
    query: ImageQuery,
    answers: {
      200: {
        description: "The image.",
        content: { type: imageTypes, schema: { type: "string", format: "binary" } },
      },
    },
    problems: ["session_not_found", "file_not_found"],
    async handle({ params, query, reply, parts }) {
      const { type, bytes } = await readImage(parts.sessions.peek(params.session_id), query.path);
      reply.headers(HEADERS).type(type).send(bytes);
      return answered;
    },
  }),
};
