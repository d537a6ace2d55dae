import { expect, it } from "vitest";
import { parseDuration } from "../../src/cli/duration.ts";

it.each([
  ["0", 0],
  ["0s", 0],
  ["250ms", 250],
  ["90s", 90_000],
  [" 10 M ", 600_000],
  ["2h", 7_200_000],
])("the duration %j means %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(["", "10", "-1s", "1.5h", "s", "10 minutes", "1d", "999999h", "1e3s"])(
  "the text %j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
