import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AmpDaemon, startAmp } from "../../support/amp-daemon.ts";
import { IdleMarker } from "../../support/idle-marker.ts";
import { reply, tool } from "../../support/model-script.ts";
import { shareSession } from "../../support/shared-session.ts";

const IDLE_MS = 300;
const parts = new AsyncDisposableStack();
let marker: IdleMarker;
let amp: AmpDaemon;

beforeAll(async () => {
  marker = parts.use(await IdleMarker.create("amp"));
  const { installDir } = marker;
  amp = parts.use(await startAmp({ installDir, args: ["--agent-idle", `${IDLE_MS}ms`] }));
});

afterAll(() => parts.disposeAsync());

describe("an idle process", () => {
  const shared = shareSession(() => amp);

  it("ends, and the next message goes on with the same thread", async () => {
    const { session } = shared;
    await session.run("remember me @@text@@");
    await session.run("and me @@think@@");
    await expect.poll(() => session.processes()).toEqual([]);
    const before = await session.info();
    expect(before).toMatchObject({ status: "idle", ended: false });
    expect(await session.run("go on @@text@@")).toMatchObject({ status: "completed" });
    const { usage, nativeSessionId } = await session.info();
    expect(nativeSessionId).toBe(before.nativeSessionId);
    expect(JSON.stringify(amp.model.requests.at(-1)?.messages)).toContain("remember me @@text@@");
    expect(usage).toMatchObject({ total_tokens: 576 });
    expect(session.of("error")).toEqual([]);
    expect(session.of("session.ended")).toEqual([]);
  });
});

it("a process stays while a command runs in the background, and ends after it", () =>
  amp.session(
    async (session, directory) => {
      const command = "until [ -e stop ]; do sleep 0.1; done";
      amp.model.script("await", [
        reply([tool("async_shell_command", { command, timeout_ms: 0 })]),
        reply("Launched."),
      ]);
      expect(await session.run("go @@await@@")).toMatchObject({ status: "completed" });
      await marker.released(amp.daemon);
      expect((await session.processes()).length).toBeGreaterThan(1);
      await writeFile(join(directory, "stop"), "");
      await expect.poll(() => session.processes()).toEqual([]);
    },
    { permissionMode: "bypass" },
  ));

it("--agent-idle 0 keeps a process for ever", async () => {
  await using patient = await startAmp({ args: ["--agent-idle", "0"] });
  await patient.session(async (session) => {
    await session.run("hi @@text@@");
    await marker.released(amp.daemon);
    expect(await session.processes()).toHaveLength(1);
  });
});
