import { z } from "zod";
import { json, none, type Route, route } from "../route.ts";

/** The route that describes the others and itself. */
export function descriptionRoute(others: readonly Route[]): Route {
  let document: Promise<object> | undefined;
  const self: Route = route({
    method: "get",
    path: "/openapi.json",
    tag: "meta",
    id: "get_openapi",
    summary: "This description of the API",
    params: none,
    query: none,
    body: none,
    answers: { 200: json(z.record(z.string(), z.unknown()), "An OpenAPI 3.1 document.") },
    problems: [],
    isPublic: true,
    handle: ({ parts }) => (document ??= describe([...others, self], parts.version)),
  });
  return self;
}

/** Loaded when first asked for: the generator would double the time that a start takes. */
async function describe(routes: Route[], version: string): Promise<object> {
  const { describeApi } = await import("../openapi.ts");
  return describeApi(routes, version);
}
