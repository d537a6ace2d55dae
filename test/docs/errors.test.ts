import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ProblemDetails } from "../../src/schema/problem-details.ts";
import { ProblemError, problemKinds } from "../../src/schema/problem.ts";

// The formatter pads the cells of tables.
const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8").replaceAll(
  / {2,}/g,
  " ",
);

it("lists every kind of problem with its status and title, and no other", () => {
  const rows = [...document.matchAll(/^\| `(\w+)` \| (\d+) \| ([^|]+) \| [^|]+ \|$/gm)];
  const listed = rows.map(([, kind, status, title]) => [kind, Number(status), title]);
  const table = Object.entries(problemKinds).map(([kind, { status, title }]) => [
    kind,
    status,
    title,
  ]);
  expect(listed).toEqual(table);
});

it("shows a problem as it is sent", () => {
  const [, json = ""] = /```json\n(.*?)```/s.exec(document) ?? [];
  const problem = new ProblemError("session_not_found", "session not found: demo", {
    sessionId: "demo",
  });
  const shown = ProblemDetails.parse(JSON.parse(json));
  expect(shown).toEqual({ ...problem.toProblem(), requestId: shown.requestId });
  expect(shown.requestId).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
});
