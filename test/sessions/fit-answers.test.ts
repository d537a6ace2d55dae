import { expect, it } from "vitest";
import { fitAnswers } from "../../src/sessions/fit-answers.ts";

const options = [{ label: "Red" }, { label: "Blue" }];
const single = { question: "Color?", multi_select: false, options };
const multiple = { question: "Colors?", multi_select: true, options };
const free = { question: "Name?", multi_select: false, options: [] };
const request = { id: "q", questions: [single, multiple, free] };

it.each([
  [[], [[], [], []]],
  [[["Red"]], [["Red"], [], []]],
  [
    [[], ["Red", "Blue"]],
    [[], ["Red", "Blue"], []],
  ],
  [
    [["Green"], ["Green", "Red"], ["Ada"]],
    [["Green"], ["Green", "Red"], ["Ada"]],
  ],
])("the answers %j become %j", (given, fitted) => {
  expect(fitAnswers(request, given)).toEqual(fitted);
});

it.each([
  [[["Red"], [], [], []], "answers: has 4 entries, the question 3 parts"],
  [[["Red", "Blue"]], "answers.0: has 2 labels, of which one can be chosen"],
  [[[], [], ["Ada", "Grace"]], "answers.2: has 2 labels, of which one can be chosen"],
])("the answers %j do not fit: %s", (given, message) => {
  expect(() => fitAnswers(request, given)).toThrow(`invalid request: ${message}`);
});

it("a part without free text takes only its options", () => {
  const closed = { ...request, optionsOnly: [0, 1] };
  expect(fitAnswers(closed, [["Blue"], ["Red"], ["Ada"]])).toEqual([["Blue"], ["Red"], ["Ada"]]);
  expect(() => fitAnswers(closed, [["Green"]])).toThrow('"Green" is not one of "Red", "Blue"');
  expect(() => fitAnswers(closed, [[], ["Red", "blue"]])).toThrow(
    'answers.1: "blue" is not one of',
  );
});
