import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { mountDisk } from "../support/full-disk.ts";
import { temporaryHome } from "../support/sandbox.ts";

const ROOM_KIB = 1024;
const base64 = (bytes: number): string => Buffer.alloc(bytes, 1).toString("base64");

it("an attachment that does not fit on the disk is a problem, and leaves room for a smaller one", async () => {
  await using home = await temporaryHome();
  const folder = join(home.dir, "disk");
  await mkdir(folder);
  await using disk = await mountDisk(folder, ROOM_KIB);
  await using daemon = await startDaemon({ home, env: { TMPDIR: disk.path } });
  const send = async (path: string, body: object): Promise<Response> => {
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    return await fetch(`${daemon.url}/v1/sessions/s${path}`, request);
  };
  const attach = (...sizes: number[]) =>
    send("/messages", {
      message: "look",
      attachments: sizes.map((size) => ({ data: base64(size), mime: "text/plain" })),
    });
  await send("", { agent: "mock" });
  for (const sizes of [[3 * 2 ** 20], [1000, 2 * 2 ** 20]]) {
    const answer = await attach(...sizes);
    expect(answer.status).toBe(507);
    expect(await answer.json()).toMatchObject({
      type: "urn:sandbox-agent:error:storage_failed",
      detail: expect.stringMatching(
        /cannot be written: the disk is full; free some space.*\(ENOSPC\)/,
      ),
      details: { code: "ENOSPC" },
    });
    const [session = ""] = (await readdir(disk.path)).filter((name) =>
      name.startsWith("sandbox-agent-"),
    );
    expect(await readdir(join(disk.path, session))).toEqual([]);
  }
  expect((await attach(5)).status).toBe(204);
});
