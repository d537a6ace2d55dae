import { z } from "zod";
import { json, route } from "../route.ts";

export const routes = {
  get_openapi: route({
    summary: "This description of the API",
    answers: { 200: json(z.record(z.string(), z.unknown()), "An OpenAPI 3.1 document.") },
    problems: [],
    handle: ({ parts }) => parts.describe(),
  }),
};
