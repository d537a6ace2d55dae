import { expect, it } from "vitest";
import { jsonLine, readableJson } from "../../src/cli/output.ts";

it.each([
  ["a line", jsonLine],
  ["readable", readableJson],
])("JSON as %s says the same and drives no terminal", (_, write) => {
  const value = { text: "Zoë \u001b[2J \u009b2J \u007f \u202etxt\n" };
  const json = write(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json.endsWith("\n")).toBe(true);
  // eslint-disable-next-line no-control-regex
  expect(json.slice(0, -1)).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  expect(json).toContain("Zoë");
});
