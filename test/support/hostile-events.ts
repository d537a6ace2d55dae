import { z } from "zod";
import { UniversalEvent } from "../../src/schema/event.ts";

/** A JSON schema as far as the events use one. */
interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
}

/**
 * Events of every type, with every optional member and each alternative of each union, whose free
 * strings are all `text`. Strings that name something end in a number, so that they stay apart.
 */
export function hostileEvents(text: string): UniversalEvent[] {
  const schema = z.toJSONSchema(UniversalEvent, { io: "output", unrepresentable: "any" }) as Schema;
  const defs = schema.$defs ?? {};
  let count = 0;

  function resolve(schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    return name === undefined ? schema : resolve(defs[name] ?? {});
  }

  /** One value for each alternative that the schema has. */
  function valuesOf(given: Schema, name: string): unknown[] {
    const schema = resolve(given);
    const { anyOf, oneOf, enum: values, properties, items } = schema;
    if ("const" in schema) return [schema.const];
    if (values) return values;
    const alternatives = anyOf ?? oneOf;
    if (alternatives) return alternatives.flatMap((one) => valuesOf(one, name));
    const { type } = schema;
    if (Array.isArray(type)) return type.flatMap((one) => valuesOf({ ...schema, type: one }, name));
    switch (type) {
      case "string":
        return name === "time" ? ["2026-11-30T12:00:00.000Z"] : [stringFor(name)];
      case "number":
      case "integer":
        return [1];
      case "boolean":
        return [false, true];
      case "null":
        return [null];
      case "array":
        return [items ? valuesOf(items, name) : [text]];
      case "object":
        if (properties) return objectsOf(properties);
        return [
          { [text]: text, command: text, paths: [text], path: text, diff: diff(), tool: text },
        ];
      default:
        return [{ [text]: text, list: [text] }];
    }
  }

  /** As many objects as the member with the most alternatives has. */
  function objectsOf(properties: Record<string, Schema>): object[] {
    const members = Object.entries(properties).map(
      ([name, schema]) => [name, valuesOf(schema, name)] as const,
    );
    const length = Math.max(1, ...members.map(([, values]) => values.length));
    return Array.from({ length }, (_, index) =>
      Object.fromEntries(members.map(([name, values]) => [name, values[index % values.length]])),
    );
  }

  function stringFor(name: string): string {
    if (name === "diff") return diff();
    return name.endsWith("_id") ? `${text} ${++count}` : text;
  }

  function diff(): string {
    return `--- ${text}\n+++ ${text}\n@@ -1 +1 @@\n-${text}\n+${text} new\n`;
  }

  return valuesOf(schema, "event").map((event, index) =>
    UniversalEvent.parse({
      ...(event as object),
      sequence: index + 1,
      event_id: `evt_${index + 1}`,
    }),
  );
}
