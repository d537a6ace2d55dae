import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Directories } from "../../../src/agents/opencode/directories.ts";
import { identifyDirectory, NoWorkingDirectory } from "../../../src/agents/working-directory.ts";
import { temporaryHome } from "../../support/sandbox.ts";

/** A server that keeps the requests it gets. */
function fakeServer() {
  const requests: string[] = [];
  const http = {
    request: async (method: string, path: string, { directory }: { directory: string }) => {
      requests.push(`${method} ${path} ${directory}`);
    },
  };
  return { http: http as unknown as Parameters<Directories["renew"]>[0], requests };
}

it("a server closes a directory when it has another identity than at its opening", async () => {
  const directories = new Directories();
  const { http, requests } = fakeServer();
  await directories.renew(http, "/a", "1");
  await directories.renew(http, "/a", "1");
  await directories.renew(http, "/b", "2");
  expect(requests).toEqual([]);
  await directories.renew(http, "/a", "3");
  await directories.renew(http, "/a", "3");
  expect(requests).toEqual(["POST /instance/dispose /a"]);
  await directories.renew(fakeServer().http, "/a", "4");
  expect(requests).toHaveLength(1);
});

it("a directory in which another turn runs is closed later", async () => {
  const directories = new Directories();
  const { http, requests } = fakeServer();
  await directories.renew(http, "/a", "1");
  using _own = directories.work("/a");
  const other = directories.work("/a");
  expect(await directories.renew(http, "/a", "2")).toBe(false);
  expect(requests).toEqual([]);
  other[Symbol.dispose]();
  expect(await directories.renew(http, "/a", "2")).toBe(true);
  expect(requests).toEqual(["POST /instance/dispose /a"]);
});

it("a directory that was removed and created again has another identity", async () => {
  await using home = await temporaryHome();
  const path = join(home.dir, "directory");
  await mkdir(path);
  const first = await identifyDirectory(path);
  expect(await identifyDirectory(path)).toBe(first);
  await rm(path, { recursive: true });
  await expect(identifyDirectory(path)).rejects.toThrow(NoWorkingDirectory);
  await mkdir(path);
  expect(await identifyDirectory(path)).not.toBe(first);
});
