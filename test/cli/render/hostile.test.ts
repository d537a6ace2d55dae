import { expect, it } from "vitest";
import { printable } from "../../../src/cli/render/printable.ts";
import { createStyle } from "../../../src/cli/render/style.ts";
import { Transcript } from "../../../src/cli/render/transcript.ts";
import type { UniversalEvent } from "../../../src/schema/event.ts";
import { hostileEvents } from "../../support/hostile-events.ts";

const plain = createStyle({}, {});
const hostile =
  "echo safe\u200b# \u202etxt\u202c\u001b[2J\u0085\u00ad\u2028\u{e0041}\ufe0f\u3164 end";
const reorders = /[\p{Cc}\u202a-\u202e\u2066-\u2069\p{Zl}\p{Zp}\u{e0000}-\u{e007f}]/u;
const invisible = /[\p{Cf}\p{Variation_Selector}\u3164]/u;

const events = hostileEvents(hostile);
const types = [...new Set(events.map(({ type }) => type))];

function linesOf(event: UniversalEvent): string[] {
  return new Transcript(plain).render(event).split("\n");
}

it.each(types)("%s shows no string with a character that hides or reorders others", (type) => {
  const lines = events.filter((event) => event.type === type).flatMap(linesOf);
  expect(lines.filter((line) => reorders.test(line))).toEqual([]);
  // A message keeps the characters that scripts need: no other line does.
  const others = lines.filter((line) => line.replace(/^[ │>]*/, "") !== printable(hostile));
  expect(others.filter((line) => invisible.test(line))).toEqual([]);
});

it("the hostile events are of all types, and most of them are shown", () => {
  expect(types.length).toBe(13);
  const shown = types.filter((type) =>
    events.some((event) => event.type === type && linesOf(event).join("").includes("<U+202E>")),
  );
  expect(shown).toEqual(
    expect.arrayContaining(["item.completed", "permission.requested", "error"]),
  );
  expect(shown.length).toBeGreaterThanOrEqual(8);
});
