import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, it, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { repository } from "../repo/files.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";

const notes = join(repository, "test/fixtures/bin/notes-what-is-loaded.mjs");
const root = `${pathToFileURL(repository).href}/`;

/** What a server has loaded when it says that it listens, as paths in the repository. */
let loaded: string[];
/** What it has loaded when it ends, and was asked for its health and its agents. */
let loadedAtEnd: string[];

beforeAll(async () => {
  await using home = await temporaryHome();
  const file = join(home.dir, "loaded");
  const args = ["--import", notes, join(repository, "src/main.ts")];
  const entry = { file: process.execPath, args };
  const bin = join(home.dir, "bin");
  await mkdir(bin);
  const asked = join(home.dir, "asked");
  const claude = `#!/bin/sh\ntouch '${asked}'\necho '2.1.0 (Claude Code)'\n`;
  await writeFile(join(bin, "claude"), claude, { mode: 0o755 });
  const env = { LOADED_IN: file, PATH: `${bin}:${home.env["PATH"]}` };
  await using daemon = await startDaemon({ home, entry, env });
  expect((await fetch(`${daemon.url}/v1/health`)).status).toBe(200);
  // Probing the version of each agent on PATH is the last work of a server without a request.
  await vi.waitUntil(() => existsSync(asked), { timeout: 60_000 });
  expect((await fetch(`${daemon.url}/v1/agents`)).status).toBe(200);
  await daemon.stop();
  loaded = await readNotes(file);
  loadedAtEnd = await readNotes(`${file}.end`);
});

async function readNotes(file: string): Promise<string[]> {
  const urls = (await readFile(file, "utf8")).split("\n");
  return urls.flatMap((url) => (url.startsWith(root) ? [url.slice(root.length)] : []));
}

it("whoever asks a server for its health or its agents draws in no schema, nor does what it does by itself", () => {
  expect(loadedAtEnd).toContain("src/server/routes/meta.ts");
  expect(loadedAtEnd).toContain("src/server/routes/agents.ts");
  expect(loadedAtEnd).toContain("src/install/find-executable.ts");
  expect(loadedAtEnd.filter((path) => path.startsWith("node_modules/zod/"))).toEqual([]);
});

it("a server loads of our dependencies those alone that it answers with", () => {
  const packages = Object.keys(manifest.dependencies).filter((name) =>
    loaded.some((path) => path.startsWith(`node_modules/${name}/`)),
  );
  expect(packages.toSorted()).toEqual(["commander", "fastify", "pino", "semver"]);
});

it.each([
  ["no other command", /^src\/cli\/commands\/(?!server\.ts$)/],
  [
    "no agent's conversation",
    /^src\/agents\/(?!mock\/)\w+\/(session|server|process|translate)\.ts$/,
  ],
  [
    "no download",
    /^src\/install\/(http|download|npm-\w+|registry|registry-credentials|install-release|unpack)\.ts$/,
  ],
  ["no doctor", /^src\/doctor\//],
  ["no route and none of its schemas", /^src\/(server\/routes|schema)\/(?!problem\.ts$)/],
  ["no description of the API", /^src\/server\/openapi\.ts$/],
  ["no metrics", /^src\/server\/metrics-book\.ts$/],
  ["no page", /^src\/inspector\//],
  ["no client and no store", /^src\/(sdk\/(?!error\.ts$)|persist\/)/],
])("a server loads %s", async (_, kept) => {
  expect(loaded).toContain("src/cli/commands/server.ts");
  expect(loaded.filter((path) => kept.test(path))).toEqual([]);
});
