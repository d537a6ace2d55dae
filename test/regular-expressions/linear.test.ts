import { expect, it } from "vitest";
import { bounded } from "./bounded.ts";
import { findExpressions, type FoundExpression } from "./find.ts";
import { textFunctions } from "./functions.ts";
import { beginningsOf, commonBeginnings, lengthen, type Beginning } from "./inputs.ts";
import { apply, elapsedMs, processorMs, workMs } from "./work.ts";

/** Quadratic work shows in a text of this length: it takes several times the time that is passed over. */
const SHORT = 32 * 1024;
const LONG = 64 * 1024;
const PASSED_OVER_MS = 4;
const ROUNDS = 5;

/**
 * Asserts that a text of twice the length takes at most three times the processor time. Quadratic work
 * takes four times as much in every round. A text that is
 * read within the time that is passed over needs no second look.
 */
function expectLinear(run: (text: string) => void, beginning: Beginning): void {
  const short = lengthen(beginning, SHORT);
  for (let n = 0; n < 3; n++) if (elapsedMs(() => run(short)) < PASSED_OVER_MS) return;
  const once = lengthen(beginning, LONG);
  const twice = lengthen(beginning, LONG * 2);
  let less = Infinity;
  let more = Infinity;
  // Other work on the processor only adds to a figure, so the least of several is the truest.
  for (let round = 0; round < ROUNDS && more >= less * 3; round++) {
    less = Math.min(
      less,
      workMs(() => run(once)),
    );
    more = Math.min(
      more,
      workMs(() => run(twice)),
    );
  }
  const figures = `${less.toFixed(1)} ms, of twice the length ${more.toFixed(1)} ms`;
  expect(more / less, `${JSON.stringify(beginning)} takes ${figures}`).toBeLessThan(3);
}

const found = findExpressions();
const foreign = found.flatMap(({ regex, ...one }) =>
  regex && bounded[one.file]?.[one.source] === undefined ? [{ ...one, regex }] : [],
);

it("every regular expression of the sources can be tested, or its text is listed as bounded", () => {
  const left = found.filter(({ file, source, regex }) => !regex && !bounded[file]?.[source]);
  expect(left).toEqual([]);
});

it("every expression that is listed as bounded is in the sources", () => {
  const listed = Object.entries(bounded).flatMap(([file, sources]) =>
    Object.keys(sources).map((source) => ({ file, source })),
  );
  expect(found).toEqual(expect.arrayContaining(listed.map((one) => expect.objectContaining(one))));
});

it.each(foreign)("$file: $source takes linear time", (expression) => {
  for (const beginning of [...beginningsOf(expression.regex), ...commonBeginnings]) {
    expectLinear((text) => apply(expression, text), beginning);
  }
});

it.each(textFunctions)("$name takes linear time", ({ run }) => {
  for (const beginning of commonBeginnings) expectLinear(run, beginning);
});

it.each([
  [/secret=(?=[^\s]*\d)\S{8,}/g, "secret="],
  [/-eyJ[\w-]{10,}\./g, "-eyJ"],
  [/\/+$/, "/"],
  [/[^\n\r]*\r(?=[^\n])/g, "a"],
  [/^\s*name\s*=/m, "\r"],
  [/(?:a+)+$/, "a"],
])("the beginnings of %s make quadratic work visible", (regex, unit) => {
  expect(beginningsOf(regex).map((one) => one.unit)).toContain(unit);
  const slow = { file: "", source: "", regex, splits: false };
  expect(beginningsOf(regex).some((beginning) => isSlow(slow, beginning))).toBe(true);
});

/** Returns true if a text of at most the first length takes several times the time passed over. */
function isSlow(expression: FoundExpression, beginning: Beginning): boolean {
  // Lengths that grow slowly, since one of the expressions takes exponential time.
  for (let length = 16; length <= SHORT; length = Math.ceil(length * 1.2)) {
    const work = processorMs(() => apply(expression, lengthen(beginning, length)));
    if (work > PASSED_OVER_MS * 4) return true;
  }
  return false;
}
