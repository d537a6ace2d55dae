import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { postJson } from "../support/post-json.ts";
import { StandInDaemon } from "../support/stand-in.ts";

const run = promisify(execFile);
const SESSIONS = 8;

it("named pipes and devices in place of images block no other request and no end", async () => {
  await using daemon = await StandInDaemon.start();
  const { url } = daemon.daemon;
  for (let n = 0; n < SESSIONS; n++) {
    const executable = await daemon.standIn();
    const session = await daemon.open(executable);
    const { directory } = await session.info();
    const pipe = join(directory ?? "", "logo.png");
    await run("mkfifo", [pipe]);
    const path = n % 2 === 0 ? pipe : "/dev/zero";
    const turn = await session.send("hello", [{ path, mime: "image/png" }]);
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
  }
  const created = await postJson(`${url}/v1/sessions/other`, { agent: "mock" });
  expect(created.status).toBe(200);
  await daemon.expectServing();
  // A daemon that reaches its deadline of 10 s exits with another code.
  expect(await daemon.daemon.stop()).toEqual({ code: 0, signal: null });
  expect(daemon.daemon.stderr()).not.toContain("did not end in time");
});
