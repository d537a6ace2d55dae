import { execFileSync } from "node:child_process";
import { mkdir, open, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arrayBufferBytes } from "../support/array-buffers.ts";
import { listeningApp, openResponse, readRest } from "../support/listening-app.ts";
import { PIXEL_PNG } from "../support/pixel.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { validatedApp } from "../support/validated-app.ts";

const PNG = Buffer.from(PIXEL_PNG, "base64");
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');

/** A session whose agent has named an image, by a path in the session's directory. */
async function imageSession({ isListening = false } = {}) {
  const home = await temporaryHome();
  const app = isListening ? await listeningApp() : await validatedApp();
  await app.createSession("s", { directory: home.work });
  const { body } = await app.post("/v1/sessions/s/messages/stream", { message: "image" });
  const [, path = ""] = /"path":"([^"]+)"/.exec(body) ?? [];
  const file = join(home.work, path);
  await mkdir(join(file, ".."), { recursive: true });
  return {
    path,
    file,
    home,
    url: `${"url" in app ? String(app.url) : ""}/v1/sessions/s/images?path=${encodeURIComponent(path)}`,
    get: (asked: string) => app.get(`/v1/sessions/s/images?path=${encodeURIComponent(asked)}`),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

const kinds: [type: string, bytes: Buffer][] = [
  ["image/png", PNG],
  ["image/jpeg", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2])],
  ["image/gif", Buffer.from("GIF89a......")],
  ["image/webp", Buffer.from("RIFF\n\0\0\0WEBPVP8 ", "latin1")],
];

test.each(kinds)("an image that an event names is handed out as %s", async (type, bytes) => {
  await using session = await imageSession();
  await writeFile(session.file, bytes);
  const answer = await session.get(session.path);
  expect(answer.statusCode).toBe(200);
  expect(answer.rawPayload).toEqual(bytes);
  expect(answer.headers).toMatchObject({
    "content-type": type,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  });
});

test("a file that no event names is not handed out, also not the same one by another path", async () => {
  await using session = await imageSession();
  const other = join(session.home.work, "other.png");
  await writeFile(session.file, PNG);
  await writeFile(other, PNG);
  for (const path of [other, "other.png", session.file, `./${session.path}`, "/etc/passwd"]) {
    const answer = await session.get(path);
    expect([path, answer.statusCode]).toEqual([path, 404]);
    expect(answer.json()).toMatchObject({
      type: "urn:sandbox-agent:error:file_not_found",
      detail: `file not found: ${path}: no event of this session names such an image`,
    });
  }
});

const unfit: [what: string, make: (file: string) => Promise<unknown>, why: RegExp][] = [
  ["that is not there", async () => undefined, /no such file/],
  ["that is a folder", (file) => mkdir(file), /no such file/],
  [
    "that is a pipe to which nobody writes",
    async (file) => void execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", file]),
    /no such file/,
  ],
  ["of another type", (file) => writeFile(file, SVG), /not a PNG/],
  ["that leads to a file of another type", (file) => symlink("/etc/passwd", file), /not a PNG/],
  ["that is empty", (file) => writeFile(file, ""), /not a PNG/],
  ["of more than 32 MiB", (file) => makeLarge(file, 32 * 1024 * 1024 + 1), /32 MiB/],
];

test.each(unfit)("an image %s is a problem that says so", async (_, make, why) => {
  await using session = await imageSession();
  await make(session.file);
  const answer = await session.get(session.path);
  expect(answer.statusCode).toBe(404);
  expect(answer.json().detail).toMatch(why);
});

test("20 readers of an image of 32 MiB that read nothing hold a few chunks of it", async () => {
  await using session = await imageSession({ isListening: true });
  await makeLarge(session.file, 32 * 1024 * 1024);
  const before = arrayBufferBytes();
  const stalled = await Promise.all(Array.from({ length: 20 }, () => openResponse(session.url)));
  const held = arrayBufferBytes() - before;
  for (const response of stalled) response.destroy();
  // Chunks that were sent may still wait for collection. All images together have 640 MiB.
  expect(held).toBeLessThan(64 * 1024 * 1024);
});

test.each([
  ["becomes shorter", 0],
  ["becomes longer", 33 * 1024 * 1024],
])("an image that %s while it is read breaks off", async (_, size) => {
  await using session = await imageSession({ isListening: true });
  await makeLarge(session.file, 32 * 1024 * 1024);
  const response = await openResponse(session.url);
  await truncate(session.file, size);
  await readRest(response);
  expect(response.complete).toBe(false);
});

test("an image of 32 MiB arrives complete", async () => {
  await using session = await imageSession({ isListening: true });
  await makeLarge(session.file, 32 * 1024 * 1024);
  const answer = await fetch(session.url);
  expect(answer.headers.get("content-length")).toBe(String(32 * 1024 * 1024));
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.equals(await readFile(session.file))).toBe(true);
});

test("a path is needed, and the session", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  expect((await app.get("/v1/sessions/s/images")).json()).toMatchObject({
    status: 400,
    details: { issues: [{ path: "path" }] },
  });
  expect((await app.get("/v1/sessions/none/images?path=a.png")).statusCode).toBe(404);
});

async function makeLarge(file: string, size: number): Promise<void> {
  await using made = await open(file, "w");
  await made.write(PNG);
  await made.truncate(size);
}
