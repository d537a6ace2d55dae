import { expect, it, vi } from "vitest";
import {
  type ServerGone,
  type ServerListener,
  SharedServer,
} from "../../src/agents/shared-server.ts";
import { Child } from "../../src/io/child.ts";
import type { AgentOutput } from "../../src/agents/agent.ts";
import { worksIn } from "../../src/agents/left-behind.ts";
import { ownerMarker } from "../../src/io/owner.ts";
import { fakeTimers } from "../support/fake-timers.ts";

/** A server that is a shell command; it answers when it has printed a line. */
class Fixture implements AsyncDisposable {
  readonly children: Child[] = [];
  readonly gone: ServerGone[] = [];
  readonly server: SharedServer<{ name: string }, ServerListener>;
  needed = false;
  /** Count of the calls of `needed`. */
  looks = 0;

  constructor({ script = "echo ready; exec sleep 60", idleMs = 0 } = {}) {
    this.server = new SharedServer({
      name: "a server",
      idleMs,
      leaveMs: 0,
      start: async () => {
        const ready = Promise.withResolvers<{ name: string }>();
        const child = Child.start({
          file: "/bin/sh",
          args: ["-c", script],
          cwd: "/",
          env: { PATH: "/usr/bin:/bin" },
          stdin: "pipe",
          marker: await ownerMarker("shared"),
          onLines: () => ready.resolve({ name: "it" }),
        });
        this.children.push(child);
        return { child, ready: ready.promise, close: (cause) => ready.reject(cause) };
      },
    });
    this.server.attach("native", {
      gone: (cause) => void this.gone.push(cause),
      needed: async () => {
        this.looks += 1;
        return this.needed;
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    expect(this.children.filter(({ running }) => running)).toEqual([]);
  }
}

it("a shared server is started once for all who need it at the same time", async () => {
  await using fixture = new Fixture();
  const { server } = fixture;
  const connections = await Promise.all([server.connect(), server.connect(), server.connect()]);
  expect(connections).toEqual(connections.map(() => ({ name: "it", generation: 1 })));
  expect(fixture.children).toHaveLength(1);
  expect(server.status).toMatchObject({ status: "running", restartCount: 0 });
});

it("a shared server that has been let go is neither an error nor a restart, and nobody is told of a loss", async () => {
  await using fixture = new Fixture({ idleMs: 20 });
  const { server } = fixture;
  for (const generation of [1, 2]) {
    {
      using _use = server.use();
      expect(await server.connect()).toMatchObject({ generation });
    }
    await expect.poll(() => server.status).toEqual({ status: "stopped", restartCount: 0 });
  }
  expect(fixture.gone).toEqual([]);
});

it("a shared server stays while somebody uses it, and while a session needs it", async () => {
  const idleMs = 60_000;
  await using fixture = new Fixture({ idleMs });
  const { server } = fixture;
  const [one, other] = [server.use(), server.use()];
  await server.connect();
  using timers = fakeTimers();
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  await timers.advance(5 * idleMs);
  expect(fixture.looks).toBe(0);
  expect(server.status.status).toBe("running");
  fixture.needed = true;
  other[Symbol.dispose]();
  await timers.advance(5 * idleMs);
  expect(fixture.looks).toBe(5);
  expect(server.status.status).toBe("running");
  fixture.needed = false;
  await timers.advance(idleMs);
  await vi.waitFor(() => expect(server.status.status).toBe("stopped"));
});

it("a shared server that never rests has no timer when it is not used", async () => {
  await using fixture = new Fixture({ idleMs: 0 });
  const { server } = fixture;
  const use = server.use();
  await server.connect();
  using timers = fakeTimers();
  use[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  await timers.advance(86_400_000);
  expect(server.status.status).toBe("running");
});

it("a shared server that has died is an error until it is started again, which counts", async () => {
  await using fixture = new Fixture();
  const { server } = fixture;
  await server.connect();
  fixture.children[0]?.signal("SIGKILL");
  const lastError = "a server has ended (signal SIGKILL)";
  await expect.poll(() => server.status).toEqual({ status: "error", restartCount: 0, lastError });
  expect(fixture.gone).toMatchObject([
    { message: lastError, details: { exitCode: null, signal: "SIGKILL" } },
  ]);
  expect(await server.connect()).toMatchObject({ generation: 2 });
  expect(server.status).toMatchObject({ status: "running", restartCount: 1, lastError });
});

it("a shared server that dies again and again is not started for ever", async () => {
  await using fixture = new Fixture({ script: "echo no luck >&2; exit 3" });
  using timers = fakeTimers();
  const failures: string[] = [];
  for (let n = 0; n < 5; n++) {
    const connected = fixture.server.connect().then(() => "connected", String);
    failures.push(await timers.settle(connected));
  }
  expect(failures[0]).toContain("a server has ended (exit code 3): no luck");
  expect(failures[4]).toContain("is not started again for now");
  expect(fixture.children).toHaveLength(4);
});

it("a shared server is not started any more when it has been disposed of, also not by who waits already", async () => {
  const fixture = new Fixture();
  const waiting = fixture.server.connect().catch(String);
  await fixture[Symbol.asyncDispose]();
  await waiting;
  await expect(fixture.server.connect()).rejects.toThrow("the daemon is shutting down");
  expect(fixture.server.status.status).toBe("stopped");
});

it("a shared server ends processes that a session has left behind, and reports those of other sessions when it dies", async () => {
  const left = "for place in /tmp /var; do (cd $place && setsid -f sleep 60); done";
  await using fixture = new Fixture({ script: `${left}; sleep 60 & echo ready; wait` });
  const { server } = fixture;
  const told: AgentOutput[] = [];
  server.attach("other", {
    owns: worksIn("/var"),
    gone: (_, ended) => void told.push(...ended),
  });
  using _use = server.use();
  await server.connect();
  const [child] = fixture.children;
  const places = async () => (await child?.leftBehind())?.map(({ directory }) => directory);
  await expect.poll(async () => (await places())?.toSorted()).toEqual(["/tmp", "/var"]);
  const content = [{ data: { processes: [{ command: "sleep 60" }] } }];
  const notice = [{ type: "item.completed", item: { kind: "status", content } }];
  expect(await server.endLeftBehind(() => true)).toMatchObject(notice);
  expect(await places()).toEqual(["/var"]);
  child?.signal("SIGKILL");
  await expect.poll(() => told).toMatchObject(notice);
});

it("a shared server that is idle stays while something runs that was left behind", async () => {
  await using fixture = new Fixture({ idleMs: 20, script: "setsid -f sleep 60; echo ready; cat" });
  const { server } = fixture;
  const found = async () => (await fixture.children[0]?.leftBehind()) ?? [];
  {
    using _use = server.use();
    await server.connect();
    await expect.poll(found).toHaveLength(1);
  }
  const { looks } = fixture;
  await expect.poll(() => fixture.looks).toBeGreaterThan(looks + 2);
  expect(server.status).toMatchObject({ status: "running" });
  for (const { pid } of await found()) process.kill(pid);
  await expect.poll(() => server.status).toMatchObject({ status: "stopped" });
});
