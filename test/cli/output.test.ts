import { expect, it } from "vitest";
import { visibleText } from "../../src/io/visible-text.ts";
import { jsonLine, readableJson } from "../../src/cli/output.ts";

it.each([
  ["a line", jsonLine],
  ["readable", readableJson],
])("JSON as %s keeps its meaning and drives no terminal", (_, write) => {
  const value = { text: "Zoë \u001b[2J \u009b2J \u007f \u202etxt\u200b\u{e0041}\n" };
  const json = write(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json.endsWith("\n")).toBe(true);
  expect(visibleText(json, "output")).toBe(json);
  expect(json).toContain("Zoë");
});
