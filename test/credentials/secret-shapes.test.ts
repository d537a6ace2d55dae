import { expect, it } from "vitest";
import { REDACTED, redactShapes } from "../../src/credentials/secret-shapes.ts";

const word = "aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3";

/** Each is the shortest or only hint of its kind: no other shape occurs in the same text. */
it.each([
  ...["ant", "proj", "or", "svcacct", "admin"].map((kind) => `sk-${kind}-${word}`),
  `sk-${word}`,
  ...["p", "o", "u", "s", "r"].map((kind) => `gh${kind}_${word}`),
  `github_pat_${word}`,
  `glpat-${word}`,
  ...["a", "b", "e", "o", "p", "r", "s"].map((kind) => `xox${kind}-${word}`),
  `sgamp_${word}`,
  `npm_${word}`,
  `hf_${word}`,
  `AIza${word}`,
  "AKIAABCDEFGHIJKLMNOP",
  `eyJ${word}.${word}`,
  `BEARER ${word}`,
  `basic ${word}`,
])("removes %s from a text without another hint", (secret) => {
  const redacted = redactShapes(`one ${secret} two`);
  expect(redacted).toContain(REDACTED);
  expect(redacted).not.toContain(word);
  expect(redacted).not.toContain("AKIA");
});

it.each([
  `API_KEY=${word}`,
  `password: ${word}`,
  `{"client_secret":"${word}"}`,
  `/path?a=b&access_token=${word}`,
  `https://user:${word}@example.com/`,
  `https://${word}@example.com/`,
])("removes the value in %s", (text) => {
  expect(redactShapes(text)).toContain(REDACTED);
  expect(redactShapes(text)).not.toContain(word);
});

it("returns a text without a secret unchanged", () => {
  const texts = ["", "GET", "/v1/sessions/s/messages", "b1946ac92492-1x", "ask-me: a = b"];
  for (const text of texts) expect(redactShapes(text)).toBe(text);
});
