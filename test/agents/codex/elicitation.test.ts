import { describe, expect, it } from "vitest";
import { formOf } from "../../../src/agents/codex/elicitation.ts";

function form(properties: Record<string, unknown>, required: string[] = []) {
  const requestedSchema = { type: "object", properties, required };
  return formOf({ serverName: "tiny", mode: "form", message: "Well?", requestedSchema });
}

describe("a member of a form", () => {
  it.each([
    ["a text", { type: "string" }, ["a", "b"], "a, b"],
    ["a number", { type: "number" }, ["1.5"], 1.5],
    ["a yes", { type: "boolean" }, ["Yes"], true],
    ["a no", { type: "boolean" }, ["No"], false],
    ["a truth in other words", { type: "boolean" }, ["true"], true],
    ["a choice", { type: "string", enum: ["a", "b"] }, ["b"], "b"],
    ["a choice with names", { type: "string", enum: ["a"], enumNames: ["An A"] }, ["An A"], "a"],
    ["a choice with titles", { type: "string", oneOf: [{ const: "a", title: "A" }] }, ["A"], "a"],
    ["several choices", { type: "array", items: { enum: ["a", "b"] } }, ["a", "b"], ["a", "b"]],
    [
      "several choices with titles",
      { type: "array", items: { anyOf: [{ const: "a", title: "A" }] } },
      ["A"],
      ["a"],
    ],
  ])("that is %s becomes a value of its type", (_, member, answers, value) => {
    expect(form({ it: member })?.toContent([answers])).toEqual({ it: value });
  });

  it("is left out where nobody answers it and it is not required", () => {
    expect(form({ a: { type: "string" }, b: { type: "number" } })?.toContent([[""], []])).toEqual(
      {},
    );
  });

  it("of several choices is one question that takes more than one", () => {
    expect(form({ it: { type: "array", items: { enum: ["a", "b"] } } })?.parts).toEqual([
      {
        question: "Well?\nit",
        multi_select: true,
        options: [{ label: "a" }, { label: "b" }],
      },
    ]);
  });
});

it("a form of nothing is a question that is answered with yes or no", () => {
  const empty = form({});
  expect(empty?.parts).toMatchObject([{ question: "Well?" }]);
  expect(empty?.toContent([["Yes"]])).toEqual({});
  expect(empty?.toContent([["No"]])).toBeUndefined();
});

it.each([
  ["holds what is no simple value", "form", { properties: { it: { type: "object" } } }],
  ["is no form", "url", undefined],
  ["has a form of its own", "openai/form", { properties: {} }],
  ["has a form that cannot be read", "form", "?"],
])("an elicitation that %s cannot be put into questions", (_, mode, requestedSchema) => {
  const asked = { serverName: "tiny", mode, message: "Well?", requestedSchema };
  expect(formOf(asked)).toBeUndefined();
});
