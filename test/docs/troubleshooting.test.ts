import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ErrorData } from "../../src/schema/event.ts";
import { problemKinds } from "../../src/schema/problem.ts";
import { runMain } from "../cli/main.ts";
import { codeSpans, tableRows } from "../support/code-blocks.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";

// The formatter pads the cells of tables.
const document = readFileSync(
  new URL("../../docs/troubleshooting.md", import.meta.url),
  "utf8",
).replaceAll(/ {2,}/g, " ");

/** The rows of the table under a heading. */
function rows(heading: string): string[][] {
  const section = document.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  return tableRows(section).slice(2);
}

it.each([
  ["a token is needed", ["server"]],
  ["listen EADDRINUSE", ["server", "--no-token", "--port", "BUSY"]],
  [
    "CORS credentials",
    ["server", "--no-token", "--cors-allow-origin", "*", "--cors-allow-credentials"],
  ],
])("shows what a daemon says that does not start (%s)", async (beginning, args) => {
  const shown = rows("The daemon does not start").flatMap(([cell]) => codeSpans(cell));
  const message = shown.find((text) => text.startsWith(beginning)) ?? "nothing";
  await using home = await temporaryHome();
  await using other = await startDaemon({ home });
  const port = new URL(other.url).port;
  const { exitCode, stderr } = await runMain(
    home,
    args.map((arg) => (arg === "BUSY" ? port : arg)),
  );
  expect(exitCode).toBe(1);
  expect(stderr).toContain(message.replace(/ …$/, ""));
});

it("names kinds of problems that exist, with their status", () => {
  const listed = rows("A request is refused").map(([status, kind]) => [...codeSpans(kind), status]);
  expect(listed.length).toBeGreaterThan(5);
  const known = Object.entries(problemKinds).map(([kind, { status }]) => [kind, String(status)]);
  expect(known).toEqual(expect.arrayContaining(listed));
});

it("names the codes with which a turn fails", () => {
  const listed = rows("A turn fails").flatMap(([codes]) => codeSpans(codes));
  const described = codeSpans(ErrorData.shape.code.meta()?.description);
  // Of the others, `api` and `internal`, the message says all that there is to say.
  expect(listed).toEqual(expect.arrayContaining(["auth", "protocol"]));
  expect(described).toEqual(expect.arrayContaining(listed));
});
