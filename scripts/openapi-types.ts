import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "oxfmt";

interface Schema {
  $ref?: string;
  type?: string;
  enum?: string[];
  pattern?: string;
}

interface Parameter {
  name: string;
  in: "path" | "query";
  required?: boolean;
  schema: Schema;
}

type Content = Record<string, { schema: Schema }>;

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content; headers?: Record<string, unknown> }>;
}

/** What of an OpenAPI document its types are made of. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const schemaFolder = join(import.meta.dirname, "../src/schema");
/** The client gives numbers and booleans, which the query has as text. */
const ofTheClient = { EventsQuery: "./follow.ts", TurnStreamQuery: "./client.ts" };

/** Renders `paths` and `components`, in the shape that openapi-typescript gives them. */
export async function renderOpenApiTypes({ paths }: OpenApi): Promise<string> {
  const files = await schemaFiles();
  const imports = Object.entries(Object.groupBy(files, ([, file]) => file)).map(
    ([file, types = []]) =>
      `import type { ${types.map(([name]) => name).join(", ")} } from "${file}";`,
  );
  const schemas = files.map(([name]) => `${name}: ${name};`).toSorted();
  const text = [
    "// `npx node scripts/openapi.ts` writes this file: the types of docs/openapi.json.",
    ...imports,
    "",
    "/** The objects of the API by the names that its description has for them. */",
    `export interface components { schemas: { ${schemas.join(" ")} }; ${nothing("responses", "parameters", "requestBodies", "headers", "pathItems")} }`,
    "",
    "/** The routes of the API, with what they take and answer. */",
    `export interface paths { ${Object.entries(paths).map(renderPath).join(" ")} }`,
    "",
  ].join("\n");
  const { code } = await format("openapi-types.ts", text, { printWidth: 100 });
  return code;
}

/** The name of every schema, with the file it is imported from. */
async function schemaFiles(): Promise<[name: string, file: string][]> {
  const found: [string, string][] = Object.entries(ofTheClient);
  for (const file of (await readdir(schemaFolder)).toSorted()) {
    const source = await readFile(join(schemaFolder, file), "utf8");
    const ids = new Set([...source.matchAll(/\bid: "(\w+)"/g)].map(([, id]) => id));
    for (const [, name = ""] of source.matchAll(/^export type (\w+) =/gm)) {
      const isOurs = !(name in ofTheClient) && (ids.has(name) || name === "UniversalEventData");
      if (isOurs) found.push([name, `../schema/${file}`]);
    }
  }
  return found;
}

function renderPath([path, methods]: [string, Record<string, Operation>]): string {
  const operations = METHODS.map((method) => {
    const operation = methods[method];
    return operation ? `${method}: ${renderOperation(operation)};` : `${method}?: never;`;
  });
  return `"${path}": { parameters: ${renderParameters([])}; ${operations.join(" ")} };`;
}

function renderOperation({ parameters = [], requestBody, responses }: Operation): string {
  const body = requestBody
    ? `requestBody: ${renderContent(requestBody.content)};`
    : "requestBody?: never;";
  const answers = Object.entries(responses).map(([status, { content, headers = {} }]) => {
    const told = Object.keys(headers).map((name) => `"${name}": string;`);
    const carried = content ? renderContent(content) : "{ content?: never }";
    return `${status}: { headers: { ${told.join(" ")} [name: string]: unknown } } & ${carried};`;
  });
  return `{ parameters: ${renderParameters(parameters)}; ${body} responses: { ${answers.join(" ")} } }`;
}

function renderContent(content: Content): string {
  const types = Object.entries(content).map(
    ([type, { schema }]) => `"${type}": ${renderSchema(schema)};`,
  );
  return `{ content: { ${types.join(" ")} } }`;
}

function renderParameters(parameters: Parameter[]): string {
  const path = parameters.filter((parameter) => parameter.in === "path");
  const query = parameters.filter((parameter) => parameter.in === "query");
  const inPath = path.map(({ name, schema }) => `${name}: ${renderSchema(schema)};`);
  const inQuery = query.map(({ name, schema, required }) =>
    required ? `${name}: ${renderSchema(schema)};` : `${name}?: ${renderSchema(schema)} | null;`,
  );
  const must = query.some(({ required }) => required) ? "query" : "query?";
  return [
    inQuery.length > 0 ? `{ ${must}: { ${inQuery.join(" ")} };` : "{ query?: never;",
    "header?: never;",
    inPath.length > 0 ? `path: { ${inPath.join(" ")} };` : "path?: never;",
    "cookie?: never }",
  ].join(" ");
}

function renderSchema({ $ref, type, enum: values, pattern }: Schema): string {
  if ($ref) return `components["schemas"]["${$ref.split("/").at(-1)}"]`;
  if (values?.join() === "true,false") return "boolean";
  if (pattern?.startsWith("^[0-9]")) return "number";
  return type === "string" ? "string" : "Record<string, unknown>";
}

function nothing(...members: string[]): string {
  return members.map((member) => `${member}: never;`).join(" ");
}
