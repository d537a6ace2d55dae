import { describe, expect, it } from "vitest";
import { Translator as AmpTranslator } from "../../src/agents/amp/translate.ts";
import { Translator as ClaudeTranslator } from "../../src/agents/claude/translate.ts";
import { Translator as CodexTranslator } from "../../src/agents/codex/translate.ts";
import { ownMember, shown } from "../../src/agents/foreign.ts";
import { Translator as OpencodeTranslator } from "../../src/agents/opencode/translate.ts";

/** Names that every object inherits. */
const INHERITED = ["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty"];
/** Values that are not what a message of an agent should hold. */
const VALUES: unknown[] = [
  { toString: 1 },
  { toString: "x", valueOf: null },
  JSON.parse('{"__proto__":{"toString":1}}'),
  [{ toString: 1 }],
  Infinity,
  -1,
  null,
  "\uD800",
  [],
  Array(1000).fill(0),
];

it.each(VALUES)("shows foreign value %# as bounded text", (value) => {
  expect(typeof shown(value)).toBe("string");
  if (typeof value !== "string") expect(shown(value).length).toBeLessThan(1010);
});

it("shows a string as it is and undefined by its name", () => {
  expect(shown("a\nb")).toBe("a\nb");
  expect(shown(undefined)).toBe("undefined");
});

it.each(INHERITED)("finds no %s in a table", (name) => {
  expect(ownMember({ a: 1 }, name)).toBeUndefined();
});

/** Members that the adapters read. Each member takes every hostile value. */
const MEMBERS = (
  "type subtype message item itemId delta error status goal name stdin review run part " +
  "info finish result usage modelUsage attempt tokenUsage plan model fromModel summaryIndex event request content"
).split(" ");

/** Hostile forms of a message. Its member `kind` holds its name. */
function hostile(kind: string, name: string): Record<string, unknown>[] {
  return VALUES.flatMap((value) =>
    MEMBERS.map((member) => ({
      [kind]: name,
      item: { type: name, id: "i" },
      goal: { status: value },
      message: { content: [{ type: name }] },
      event: { type: "content_block_delta", index: value },
      [member]: value,
    })),
  );
}

describe.each([
  ...INHERITED,
  "warning",
  "model/rerouted",
  "item/started",
  "thread/goal/updated",
  "item/mcpToolCall/progress",
  "item/commandExecution/terminalInteraction",
  "hook/completed",
  "item/reasoning/textDelta",
])("a message of codex called %s", (name) => {
  it("is translated whatever it holds", () => {
    const translator = new CodexTranslator();
    for (const params of hostile("method", name)) {
      expect(() => translator.translate(name, params, "{}")).not.toThrow();
    }
  });
});

describe.each([...INHERITED, "system", "assistant", "user", "result", "stream_event"])(
  "a line called %s",
  (name) => {
    it("is translated whatever it holds, by claude and by amp", () => {
      const claude = new ClaudeTranslator("/");
      const amp = new AmpTranslator();
      for (const line of hostile("type", name)) {
        expect(() => claude.translate(line, "{}")).not.toThrow();
        expect(() => amp.translate(line, "{}")).not.toThrow();
      }
      for (const subtype of INHERITED) {
        const [output] = claude.translate({ type: "system", subtype }, "{}");
        expect(output).toMatchObject({ item: { content: [{ type: "status", label: subtype }] } });
      }
    });
  },
);

describe.each([...INHERITED, "message.part.updated", "message.updated", "session.status"])(
  "an event of opencode called %s",
  (type) => {
    it("is translated whatever it holds", () => {
      const translator = new OpencodeTranslator();
      for (const properties of hostile("type", type)) {
        const event = { type, properties, sessionId: "s", raw: "{}" };
        expect(() => translator.translate(event)).not.toThrow();
      }
    });
  },
);

it("reads a file address of another machine as it is", () => {
  const translator = new AmpTranslator();
  const files = [{ uri: "file://elsewhere/a%ZZ", type: "add", diff: "" }];
  const content = JSON.stringify({ summary: "done", files });
  const block = { type: "tool_result", tool_use_id: "t", content };
  const line = { type: "user", message: { role: "user", content: [block] } };
  expect(JSON.stringify(translator.translate(line, "{}"))).toContain("file://elsewhere/a%ZZ");
});
