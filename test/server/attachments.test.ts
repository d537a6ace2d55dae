import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Prompt } from "../../src/agents/agent.ts";
import { PIXEL_PNG } from "../support/pixel.ts";
import { createFakeAgent } from "../support/fake-agent.ts";
import { type TemporaryHome, temporaryHome } from "../support/sandbox.ts";
import { type ValidatedApp, validatedApp } from "../support/validated-app.ts";

const tmpdirBefore = process.env["TMPDIR"];
let home: TemporaryHome;
let app: ValidatedApp;
let prompts: Prompt[];

beforeEach(async () => {
  home = await temporaryHome();
  // The folders of sessions are made where the operating system says.
  process.env["TMPDIR"] = join(home.work, "tmp");
  await mkdir(join(home.work, "tmp"));
  prompts = [];
  const agent = createFakeAgent({
    startTurn(session, prompt) {
      prompts.push(prompt);
      session.end();
    },
  });
  app = await validatedApp({ agents: [agent] });
  await app.createSession("s", { directory: home.work });
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
  if (tmpdirBefore === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = tmpdirBefore;
});

const leftovers = () => readdir(join(home.work, "tmp"));
const send = (attachments: object[], message = "look") =>
  app.post("/v1/sessions/s/messages", { message, attachments });

test("inline data becomes a file that only its owner can read", async () => {
  const response = await send([{ data: PIXEL_PNG, mime: "image/png", filename: "a picture.png" }]);
  expect(response.statusCode).toBe(204);
  const [attachment] = prompts[0]?.attachments ?? [];
  expect(attachment).toMatchObject({ mime: "image/png", filename: "a picture.png" });
  const { path } = attachment ?? { path: "" };
  expect(path).toMatch(/\/1-a_picture\.png$/);
  expect(await readFile(path, "base64")).toBe(PIXEL_PNG);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
});

const png = Buffer.from(PIXEL_PNG, "base64");
const contents: Record<string, Buffer | string> = {
  "true.png": png,
  "picture.jpg": png,
  "picture.txt": png,
  picture: Buffer.from("\xff\xd8\xff\xe0 jpeg", "latin1"),
  "text.png": "this is text",
  "empty.gif": "",
  "drawing.svg": "<svg/>",
  "notes.csv": "a,b",
};

test.each([
  ["true.png", null, "image/png"],
  ["picture.jpg", null, "image/png"],
  ["picture.txt", "text/plain", "image/png"],
  ["picture", null, "image/jpeg"],
  ["text.png", null, "application/octet-stream"],
  ["text.png", "image/png", "application/octet-stream"],
  ["empty.gif", null, "application/octet-stream"],
  ["missing.webp", null, "application/octet-stream"],
  ["drawing.svg", "image/svg+xml", "image/svg+xml"],
  ["notes.csv", "image/webp", "application/octet-stream"],
  ["notes.csv", "text/csv", "text/csv"],
  ["notes.csv", null, undefined],
])("the first bytes of %s, said to be %j, make it %s", async (name, mime, expected) => {
  const content = contents[name];
  if (content !== undefined) await writeFile(join(home.work, name), content);
  await send([{ path: name, mime }]);
  expect(prompts[0]?.attachments[0]?.mime).toBe(expected);
});

test("the first bytes of inline data decide its type", async () => {
  await send([
    { data: PIXEL_PNG, mime: "image/webp" },
    { data: "AAAA", mime: "image/png" },
  ]);
  const types = prompts[0]?.attachments.map(({ mime }) => mime);
  expect(types).toEqual(["image/png", "application/octet-stream"]);
});

test("a file name stays in the folder and means nothing to a shell", async () => {
  const names = ["../../etc/passwd", "..", "a/b\\c", "$(rm)`;\n", ".bashrc", "é".repeat(300), ""];
  for (const filename of names) await send([{ data: "", mime: "text/plain", filename }]);
  const paths = prompts.map(({ attachments }) => attachments[0]?.path ?? "");
  expect(new Set(paths.map((path) => dirname(path))).size).toBe(1);
  expect(paths.map((path) => path.replace(/^.*\//, ""))).toEqual([
    "1-passwd",
    "2-attachment.txt",
    "3-c",
    "4-_rm_",
    "5-bashrc",
    `6-${"é".repeat(60)}`,
    "7-attachment.txt",
  ]);
});

test("a path is made absolute where the session works", async () => {
  await send([{ path: "docs/a.txt" }, { path: "/b.txt", mime: null }, { path: "file:///c%20d" }]);
  expect(prompts[0]?.attachments).toEqual([
    { path: join(home.work, "docs/a.txt") },
    { path: "/b.txt" },
    { path: "/c d" },
  ]);
});

test("the files go with the session, not with its end", async () => {
  await send([{ data: "", mime: "text/plain" }]);
  await app.post("/v1/sessions/s/terminate");
  expect(await leftovers()).toHaveLength(1);
  await app.inject({ method: "DELETE", url: "/v1/sessions/s" });
  expect(await leftovers()).toEqual([]);
});

test("the files go with the daemon", async () => {
  await send([{ data: "", mime: "text/plain" }]);
  expect(await leftovers()).toHaveLength(1);
  await app.sessions[Symbol.asyncDispose]();
  expect(await leftovers()).toEqual([]);
});

test("a message that is not accepted leaves no file", async () => {
  await app.post("/v1/sessions/s/terminate");
  expect((await send([{ data: "", mime: "text/plain" }])).statusCode).toBe(409);
  const [folder = ""] = await leftovers();
  expect(await readdir(join(home.work, "tmp", folder))).toEqual([]);
});

const unusable: [what: string, TMPDIR: () => string, detail: RegExp][] = [
  ["is missing", () => join(home.work, "none"), /does not exist; create it, or set TMPDIR.*ENOENT/],
  ["is a file", () => join(home.work, "file"), /not a directory; set TMPDIR.*ENOTDIR/],
];

test.each(unusable)(
  "a temporary directory that %s is a problem in plain words",
  async (_, dir, detail) => {
    await writeFile(join(home.work, "file"), "");
    process.env["TMPDIR"] = dir();
    const answer = await send([{ data: "", mime: "text/plain" }]);
    expect(answer.json()).toMatchObject({
      type: "urn:sandbox-agent:error:storage_failed",
      status: 507,
      detail: expect.stringMatching(detail),
    });
    expect(prompts).toEqual([]);
    // The session works as soon as the directory can be used.
    process.env["TMPDIR"] = join(home.work, "tmp");
    expect((await send([{ data: "", mime: "text/plain" }])).statusCode).toBe(204);
  },
);

test("a session whose folder was removed gets another one, and both are removed with it", async () => {
  await send([{ data: "", mime: "text/plain" }]);
  const [first = ""] = await leftovers();
  await rm(join(home.work, "tmp", first), { recursive: true });
  const data = Buffer.from("again").toString("base64");
  expect((await send([{ data, mime: "text/plain" }])).statusCode).toBe(204);
  expect(await readFile(prompts[1]?.attachments[0]?.path ?? "", "utf8")).toBe("again");
  await app.inject({ method: "DELETE", url: "/v1/sessions/s" });
  expect(await leftovers()).toEqual([]);
});

test("a file that an agent has put in the place of an attachment is neither used nor removed", async () => {
  await send([{ data: "", mime: "text/plain" }]);
  const planted = join(dirname(prompts[0]?.attachments[0]?.path ?? ""), "2-attachment.txt");
  await writeFile(planted, "planted");
  const data = Buffer.from("sent").toString("base64");
  expect((await send([{ data, mime: "text/plain" }])).statusCode).toBe(204);
  expect(await readFile(prompts[1]?.attachments[0]?.path ?? "", "utf8")).toBe("sent");
  expect(await readFile(planted, "utf8")).toBe("planted");
});

test("an image of an agent is saved again after its folder was removed", async () => {
  const { files } = app.sessions.peek("s");
  const first = files.saveNow(Buffer.from("one"), "image/png");
  await rm(dirname(first), { recursive: true });
  const second = files.saveNow(Buffer.from("two"), "image/png");
  expect(await readFile(second, "utf8")).toBe("two");
});

test("an image of 17 MiB fits", async () => {
  const data = Buffer.alloc(17 << 20, 1).toString("base64");
  expect((await send([{ data, mime: "image/png" }])).statusCode).toBe(204);
  expect((await stat(prompts[0]?.attachments[0]?.path ?? "")).size).toBe(17 << 20);
});
