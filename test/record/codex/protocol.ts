import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { realAgent } from "../../support/real-agents.ts";
import { temporaryHome } from "../../support/sandbox.ts";

const Shape = z.looseObject({
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const Schema = Shape.extend({ definitions: z.record(z.string(), Shape).optional() });
const Named = z.looseObject({ enum: z.tuple([z.string()]) });
const Reference = z.looseObject({ $ref: z.string() });

/** The schemas of `codex app-server generate-json-schema` that the protocol is read from. */
export interface ProtocolSchemas {
  readonly notifications: unknown;
  readonly requests: unknown;
}

/** The names of everything that the server may send. */
export interface CodexProtocol {
  readonly notifications: { readonly ofThreads: string[]; readonly ofNoThread: string[] };
  readonly requests: string[];
  readonly items: string[];
}

/** Reads the names from the schemas; a notification belongs to a thread if it has a `threadId`. */
export function protocolOf(schemas: ProtocolSchemas): CodexProtocol {
  const notifications = Schema.parse(schemas.notifications);
  const { definitions = {} } = notifications;
  const ofThreads: string[] = [];
  const ofNoThread: string[] = [];
  for (const { name, params } of variantsOf(notifications, "method")) {
    const { properties = {} } = definitions[params] ?? {};
    (Object.hasOwn(properties, "threadId") ? ofThreads : ofNoThread).push(name);
  }
  return {
    notifications: { ofThreads, ofNoThread },
    requests: variantsOf(Schema.parse(schemas.requests), "method").map(({ name }) => name),
    items: variantsOf(definitions["ThreadItem"] ?? {}, "type").map(({ name }) => name),
  };
}

/** Generates the schemas with the real CLI, and returns the text of `protocol.json`. */
export async function recordProtocol(): Promise<string> {
  const { path } = await realAgent("codex");
  await using home = await temporaryHome();
  const folder = join(home.dir, "schemas");
  await mkdir(folder);
  const args = ["app-server", "generate-json-schema", "--experimental", "--out", folder];
  await execa(path, args, { env: home.env, extendEnv: false });
  const schema = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, `${name}.json`), "utf8"));
  const protocol = protocolOf({
    notifications: await schema("ServerNotification"),
    requests: await schema("ServerRequest"),
  });
  return `${JSON.stringify(protocol, undefined, 2)}\n`;
}

/** The variants of a union, with the name that distinguishes them and the definition of their `params`. */
function variantsOf(
  { oneOf = [] }: z.infer<typeof Shape>,
  member: "method" | "type",
): { name: string; params: string }[] {
  return oneOf.map((variant) => {
    const { properties = {} } = Shape.parse(variant);
    const params = Reference.safeParse(properties["params"]).data?.$ref ?? "";
    return {
      name: Named.parse(properties[member]).enum[0],
      params: params.split("/").at(-1) ?? "",
    };
  });
}
