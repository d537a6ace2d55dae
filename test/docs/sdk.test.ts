import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SandboxAgentClient } from "../../src/sdk/client.ts";
import { SessionHandle } from "../../src/sdk/session-handle.ts";
import { repository } from "../repo/files.ts";
import { codeBlocks } from "../support/code-blocks.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { runExample, typeErrors } from "../support/example.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";

const blocks = await codeBlocks("docs/sdk.md");
/** Each program with what the document says that it prints. */
const programs = blocks.flatMap(({ heading, language, text }, index) =>
  language === "ts" ? [{ heading, text, printed: blocks[index + 1]?.text.trim() }] : [],
);

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

it("every program is right in the eyes of strict TypeScript", async () => {
  expect(await typeErrors(programs.map(({ text }) => text))).toBe("");
});

describe.each(programs)("$heading", ({ text, printed = "" }) => {
  const url = "http://127.0.0.1:2468";

  it("prints what the document says", async () => {
    const output = await runExample(text.replaceAll(url, daemon.url));
    expect(output.replaceAll(daemon.url, url)).toBe(printed);
  });
});

it("the server for a page takes the options that it is started with", async () => {
  const [, options = ""] =
    /server (.+)/.exec(blocks.find(({ heading }) => heading === "In a browser")?.text ?? "") ?? [];
  await using home = await temporaryHome();
  const env = { SANDBOX_AGENT_TOKEN: "secret" };
  await using daemon = await startDaemon({ home, args: options.split(" "), env });
  const answer = await fetch(`${daemon.url}/v1/agents`, {
    headers: { origin: "https://app.example", authorization: "Bearer secret" },
  });
  expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
});

describe("the tables of methods", async () => {
  const document = await readFile(join(repository, "docs/sdk.md"), "utf8");
  const [, ofClient = "", ofSession = ""] = document.split(/^\| `(?:client|session)\.` /m);
  const named = (table: string) =>
    [...(table.split("\n\n")[0] ?? "").matchAll(/`(\w+)\(/g)].map(([, name = ""]) => name);
  const methods = (prototype: object) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([name, { value }]) => name !== "constructor" && typeof value === "function")
      .map(([name]) => name);

  it.each([
    ["client", ofClient, SandboxAgentClient.prototype],
    ["session", ofSession, SessionHandle.prototype],
  ])("name those of a %s, and no others", (_, table, prototype) => {
    expect(named(table).toSorted()).toEqual(methods(prototype).toSorted());
  });
});
