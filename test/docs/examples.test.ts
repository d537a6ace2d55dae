import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeBlocks } from "../support/code-blocks.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { runExample, typeErrors } from "../support/example.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";

const repository = join(import.meta.dirname, "../..");
const example = (name: string) => readFile(join(repository, "examples", name), "utf8");

let home: TemporaryHome;
let daemon: Daemon;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** A program of a document that talks to the daemon of these tests. */
const here = (program: string) => program.replaceAll("http://127.0.0.1:2468", daemon.url);

it("every program in these documents is right in the eyes of strict TypeScript", async () => {
  const documents = ["docs/quickstart.md", "docs/building-a-chat-ui.md"];
  const blocks = (await Promise.all(documents.map(codeBlocks))).flat();
  const programs = blocks.filter(({ language }) => language === "ts").map(({ text }) => text);
  expect(programs.length).toBeGreaterThan(3);
  expect(await typeErrors(programs)).toBe("");
});

it("the quickstart shows an example as it is, and what it prints", async () => {
  const blocks = await codeBlocks("docs/quickstart.md");
  const [program] = blocks.filter(({ language }) => language === "ts");
  expect(program?.text).toBe(await example("quickstart.ts"));
  const shown = blocks.find(({ language }) => language === "text");
  expect(await runExample(program?.text ?? "")).toBe(shown?.text.trim());
});

it("the quickstart's client of a daemon elsewhere lists its agents", async () => {
  const blocks = await codeBlocks("docs/quickstart.md");
  const program = blocks.findLast(({ language }) => language === "ts");
  expect(await runExample(here(program?.text ?? ""))).toContain("mock true");
});

it("the chat UI's page prints what it says", async () => {
  const blocks = await codeBlocks("docs/building-a-chat-ui.md");
  const [follow, answer] = blocks.filter(({ language }) => language === "ts");
  const [shown] = blocks.filter(({ language }) => language === "text");
  expect(await runExample(here(follow?.text ?? ""))).toBe(shown?.text.trim());
  expect(await runExample(here(answer?.text ?? ""))).toBe("0");
});

it("the policy allows what only looks, and nothing else", async () => {
  const printed = await runExample(await example("policy.ts"), { args: [daemon.url, "mock"] });
  expect(printed).toContain("command_execution: reject");
  expect(printed).toContain("completed");
});

it("the chat answers, asks and takes what was said before", async () => {
  const chat = await example("chat.ts");
  const args = [daemon.url, "mock", "chat-example"];
  const type: [string, string][] = [
    ["", "permission"],
    ["May it? command_execution", "y"],
    ["May it? file_change", "n"],
  ];
  await runExample(chat, { args, type, until: "(completed)" });
  const again = await runExample(chat, { args, until: "(completed)" });
  expect(again).toContain("May it? command_execution");
});
