import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { OpencodeServer } from "../../../src/agents/opencode/server.ts";
import type { ServerGone } from "../../../src/agents/shared-server.ts";
import { Child } from "../../../src/io/child.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";
import { writeStandIn } from "../../support/stand-ins.ts";

afterEach(() => vi.restoreAllMocks());

/** A server that is the stand-in, as sessions use it. */
class Fixture implements AsyncDisposable {
  readonly server: OpencodeServer;
  readonly #home: TemporaryHome;

  private constructor(home: TemporaryHome, server: OpencodeServer) {
    this.#home = home;
    this.server = server;
  }

  static async start(
    fault: string,
    limits: { startMs?: number; silentMs?: number } = {},
    when = "once",
  ): Promise<Fixture> {
    const home = await temporaryHome();
    const executable = join(home.dir, "bin/opencode");
    await mkdir(join(home.dir, "bin"));
    const variables = { MISBEHAVES: fault, MISBEHAVES_WHEN: when, MISBEHAVES_IN: home.dir };
    await writeStandIn(executable, "opencode", variables);
    const server = new OpencodeServer({
      executable,
      env: home.env,
      idleMs: 0,
      startChild: (options) => Child.start(options),
      limits,
    });
    return new Fixture(home, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _home = this.#home;
    await this.server[Symbol.asyncDispose]();
    await expectNoProcesses(this.#home.dir);
  }
}

it.each([
  ["never listens", "start/hang"],
  ["lets nobody hear its events", "handshake/hang"],
])("a server that %s is given up in time, and the next one is used", async (_, fault) => {
  await using fixture = await Fixture.start(fault, { startMs: 1500 });
  const { server } = fixture;
  using _use = server.use();
  await expect(server.connect()).rejects.toThrow(
    "opencode serve could not be started: it did not listen in time",
  );
  const { http } = await server.connect();
  expect(await http.request("GET", "/session/status")).toEqual({});
  expect(server.status).toMatchObject({ status: "running", restartCount: 1 });
});

it("a stream of events that is silent is opened again, and a server that tells none any more is given up", async () => {
  await using fixture = await Fixture.start("ready/stream-silence", { silentMs: 300 });
  const { server } = fixture;
  using _use = server.use();
  const gone = Promise.withResolvers<ServerGone>();
  let resumed = 0;
  server.attach("native", {
    heard: () => undefined,
    unparsed: () => undefined,
    resumed: () => void (resumed += 1),
    gone: gone.resolve,
  });
  await server.connect();
  expect((await gone.promise).message).toMatch(/was ended: it has told no events for \d+ s/);
  expect(resumed).toBe(0);
  await server.connect();
  expect(server.status).toMatchObject({ status: "running" });
});

it("a server that has died again and again is started again when a minute has passed", async () => {
  const now = performance.now.bind(performance);
  await using fixture = await Fixture.start("start/exit-1", {}, "always");
  const { server } = fixture;
  for (const _ of [1, 2, 3, 4]) await expect(server.connect()).rejects.toThrow("no such luck");
  await expect(server.connect()).rejects.toThrow("4 times within a minute");
  expect(server.status).toMatchObject({ status: "error", restartCount: 3 });
  vi.spyOn(performance, "now").mockImplementation(() => now() + 60_000);
  // It is tried again, at once.
  await expect(server.connect()).rejects.toThrow(/^opencode serve has ended/);
  expect(server.status).toMatchObject({ status: "error", restartCount: 4 });
});
