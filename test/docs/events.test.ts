import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { expect, it } from "vitest";
import { ContentPart } from "../../src/schema/content.ts";
import { UniversalEvent, UniversalEventType } from "../../src/schema/event.ts";

const document = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");

const examples = [...document.matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, json = ""]) => JSON.parse(json) as { type: string; event_id?: string },
);
const events = examples.filter((example) => example.event_id !== undefined);
const parts = examples.filter((example) => example.event_id === undefined);

it.each(events.map((event) => [event.type, event]))("shows a valid %s event", (_, event) => {
  // Unknown members would be stripped by parsing, so the result tells of them.
  expect(UniversalEvent.parse(event)).toEqual(event);
  const { event_id, sequence, synthetic, source } = UniversalEvent.parse(event);
  expect(event_id).toBe(`evt_${sequence}`);
  expect(source).toBe(synthetic ? "daemon" : "agent");
});

it.each(parts.map((part) => [part.type, part]))("shows a valid %s part", (_, part) => {
  expect(ContentPart.parse(part)).toEqual(part);
});

it("has one example of every event type, under a heading of its own", () => {
  expect(events.map((event) => event.type).toSorted()).toEqual(
    UniversalEventType.options.toSorted(),
  );
  const headings = [...document.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => heading);
  expect(headings.toSorted()).toEqual(UniversalEventType.options.toSorted());
});

it("shows parts of the programs that read sessions in other languages", () => {
  const folder = new URL("../system/readers/programs/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => extname(name) !== "")
    .map((name) => withoutIndentation(readFileSync(new URL(name, folder), "utf8")));
  const shown = [...document.matchAll(/^```(?:go|python|ruby|java)\n(.*?)^```$/gms)];
  expect(shown).toHaveLength(5);
  for (const [, snippet = ""] of shown) {
    const part = withoutIndentation(snippet);
    expect(
      sources.some((source) => source.includes(part)),
      snippet,
    ).toBe(true);
  }
});

function withoutIndentation(text: string): string {
  return text.replaceAll(/^[\t ]+/gm, "");
}

it("has one example of every content part type", () => {
  const types = ContentPart.options.flatMap((option) => [...option.shape.type.values]);
  expect(parts.map((part) => part.type).toSorted()).toEqual(types.toSorted());
});

it("shows the members of the envelope in the order in which they are sent", () => {
  const members = [...document.matchAll(/^\| `(\w+)` +\|/gm)].map(([, member]) => member);
  const [first] = events;
  expect(members.slice(0, 10)).toEqual(Object.keys(first ?? {}));
  for (const event of events) expect(Object.keys(event)).toEqual(members.slice(0, 10));
});
