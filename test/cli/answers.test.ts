import { expect, it } from "vitest";
import { GivenAnswers, toLabels } from "../../src/cli/answers.ts";
import type { QuestionEventData, QuestionPart } from "../../src/schema/question.ts";

const colour = part("Which color?", ["Red", "Blue"]);
const sizes = { ...part("Which sizes?", ["S", "L"]), multi_select: true };
const name = part("What name?", []);

function part(question: string, labels: string[]): QuestionPart {
  return { question, multi_select: false, options: labels.map((label) => ({ label })) };
}

function asked(...questions: QuestionPart[]): QuestionEventData {
  return {
    question_id: "q",
    prompt: "",
    options: [],
    response: null,
    status: "requested",
    questions,
  };
}

it.each([
  ["a number", "2", colour, ["Blue"]],
  ["a label in any case", "red", colour, ["Red"]],
  ["one's own words, commas and all", "green, or grey", colour, ["green, or grey"]],
  ["a number that no option has", "7", colour, ["7"]],
  ["several numbers", "1, 2,2", sizes, ["S", "L"]],
  ["a number and one's own words", "2, XL", sizes, ["L", "XL"]],
  ["nothing", "  ", colour, []],
  ["any text where there are no options", "1", name, ["1"]],
])("%s is an answer to a question", (_, line, question, labels) => {
  expect(toLabels(line, question)).toEqual(labels);
});

it.each([
  ["the label that a question offers", ["Blue"], asked(colour), [["Blue"]]],
  ["one label of a question for one", ["Blue", "Red"], asked(colour), [["Red"]]],
  ["several labels where several may be", ["L", "S"], asked(sizes), [["S", "L"]]],
  ["an answer for each part", ["Blue", "L"], asked(colour, sizes), [["Blue"], ["L"]]],
  ["no answer where a part has none", ["Blue"], asked(colour, sizes), null],
  ["no answer where none was given", [], asked(colour), null],
  ["any text where there are no options", ["Zoë"], asked(name), [["Zoë"]]],
])("what was said beforehand gives %s", async (_, labels, question, answers) => {
  expect(await new GivenAnswers("reject", labels).question(question)).toEqual(answers);
});
