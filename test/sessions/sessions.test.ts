import { mkdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { OpenOptions } from "../../src/agents/agent.ts";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import { SessionInfo } from "../../src/schema/session.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { createFakeAgent, permission } from "../support/fake-agent.ts";
import { readEvents, text } from "../support/session-events.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { createSessions } from "../support/sessions.ts";

const exists = { kind: "session_already_exists", message: "session already exists: s" };
const missing = { kind: "session_not_found", message: "session not found: s" };

it.each([
  ["default", undefined, undefined, "ignore"],
  ["acceptEdits", undefined, undefined, "ignore"],
  ["plan", undefined, undefined, "ignore"],
  ["bypass", undefined, undefined, "use"],
  ["bypass", undefined, "ignore", "ignore"],
  ["default", undefined, "use", "use"],
  ["default", "ignore", "use", "ignore"],
  ["default", "use", "ignore", "use"],
] as const)(
  "mode %s with repositorySettings %s and the daemon's %s is %s",
  async (permissionMode, repositorySettings, ofDaemon, expected) => {
    await using sessions = createSessions([createMockAgent()], { repositorySettings: ofDaemon });
    const request = { agent: "mock", permissionMode, repositorySettings };
    const { info } = await sessions.create("s", request);
    expect(info.repositorySettings).toBe(expected);
  },
);

it("gives the agent the real path of a directory, and shows the one of the request", async () => {
  await using home = await temporaryHome();
  const [real, link] = [join(home.dir, "real"), join(home.dir, "link")];
  await mkdir(real);
  await symlink(real, link);
  const directories: string[] = [];
  const agent = createFakeAgent({ open: ({ directory }) => void directories.push(directory) });
  await using sessions = createSessions([agent]);
  const { info } = await sessions.create("s", { agent: "mock", directory: link });
  expect(info.directory).toBe(link);
  expect(directories).toEqual([await realpath(real)]);
});

it("creates a session with the defaults of its agent", async () => {
  await using sessions = createSessions([createMockAgent()]);
  const session = await sessions.create("s", { agent: "mock" });
  expect(SessionInfo.parse(session.info)).toEqual({
    sessionId: "s",
    agent: "mock",
    agentMode: "build",
    permissionMode: "default",
    repositorySettings: "ignore",
    model: "mock",
    variant: null,
    nativeSessionId: "mock-s",
    ended: false,
    eventCount: 1,
    createdAt: expect.any(Number),
    updatedAt: expect.any(Number),
    directory: "/",
    title: null,
    status: "idle",
    pendingPermissions: [],
    pendingQuestions: [],
    queuedMessages: 0,
    usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    firstSequence: 1,
  });
  expect(readEvents(session.log)).toMatchObject([
    {
      sequence: 1,
      session_id: "s",
      native_session_id: "mock-s",
      synthetic: true,
      source: "daemon",
      type: "session.started",
      data: {
        metadata: {
          agent: "mock",
          agentMode: "build",
          permissionMode: "default",
          model: "mock",
          variant: null,
        },
      },
    },
  ]);
});

it("hands what was asked for to the agent, and its environment to nobody else", async () => {
  const opened: OpenOptions[] = [];
  const agent = createFakeAgent({ open: (options) => void opened.push(options) });
  const childEnv = () => ({ KEY: "daemon", PATH: "/bin" });
  await using sessions = createSessions([agent], {
    childEnv,
    ensureExecutable: async (_, version) => `/agents/${version}`,
  });
  const session = await sessions.create("s", {
    agent: "mock",
    agentMode: "plan",
    permissionMode: "acceptEdits",
    model: "m",
    variant: "high",
    agentVersion: "1.2.3",
    directory: "/tmp",
    title: "T",
    env: { KEY: "secret" },
  });
  expect(opened[0]).toMatchObject({
    sessionId: "s",
    agentMode: "plan",
    permissionMode: "default",
    model: "m",
    variant: "high",
    directory: "/tmp",
    env: { KEY: "secret", PATH: "/bin" },
    executable: "/agents/1.2.3",
  });
  expect(session.info).toMatchObject({ directory: "/tmp", title: "T", permissionMode: "default" });
  expect(JSON.stringify([session.info, readEvents(session.log)])).not.toContain("secret");
});

it.each([
  ["an unknown agent", { agent: "nobody" }, "unsupported_agent", "unsupported agent: nobody"],
  [
    "an unknown agent mode",
    { agent: "mock", agentMode: "x" },
    "mode_not_supported",
    "mode not supported: mock x",
  ],
  [
    "an unknown permission mode",
    { agent: "mock", permissionMode: "x" },
    "invalid_request",
    "invalid request: invalid permission mode: x",
  ],
  [
    "a permission mode that is only a member of every object",
    { agent: "mock", permissionMode: "toString" },
    "invalid_request",
    "invalid request: invalid permission mode: toString",
  ],
  [
    "a relative directory",
    { agent: "mock", directory: "a/b" },
    "invalid_request",
    "invalid request: directory must be an absolute path: a/b",
  ],
  [
    "a directory that is missing",
    { agent: "mock", directory: "/nowhere/at/all" },
    "invalid_request",
    "invalid request: directory /nowhere/at/all does not exist; create it",
  ],
  [
    "a directory that is a file",
    { agent: "mock", directory: "/etc/passwd" },
    "invalid_request",
    "invalid request: directory /etc/passwd is not a directory; name a directory",
  ],
])("refuses %s and leaves the id free", async (_, request, kind, message) => {
  await using sessions = createSessions([createMockAgent()]);
  await expect(sessions.create("s", request)).rejects.toMatchObject({ kind, message });
  await expect(sessions.get("s")).rejects.toMatchObject(missing);
  expect(sessions.list()).toEqual([]);
  await sessions.create("s", { agent: "mock" });
});

it("refuses a permission mode that is known but not the agent's", async () => {
  const agent = { ...createMockAgent(), permissionModes: { default: "default" } };
  await using sessions = createSessions([agent]);
  const created = sessions.create("s", { agent: "mock", permissionMode: "plan" });
  await expect(created).rejects.toMatchObject({
    kind: "mode_not_supported",
    message: "mode not supported: mock plan",
    extensions: { agent: "mock", details: { mode: "plan" } },
  });
});

it("lets an agent refuse a combination by the daemon's environment and user", async () => {
  const seen: unknown[] = [];
  const agent = {
    ...createMockAgent(),
    check(options: unknown) {
      seen.push(options);
      throw new Error("not as root");
    },
  };
  await using sessions = createSessions([agent], { env: { IS_SANDBOX: "1" }, uid: 0 });
  const created = sessions.create("s", { agent: "mock", permissionMode: "bypass" });
  await expect(created).rejects.toThrow("not as root");
  expect(seen).toEqual([{ permissionMode: "bypass", env: { IS_SANDBOX: "1" }, uid: 0 }]);
  expect(sessions.list()).toEqual([]);
});

it("gives an id to one of those who race for it", async () => {
  const gate = Promise.withResolvers<void>();
  const agent = createFakeAgent({ open: () => gate.promise });
  await using sessions = createSessions([agent]);
  const racing = Array.from({ length: 5 }, () => sessions.create("s", { agent: "mock" }));
  const settled = Promise.allSettled(racing);
  await expect(racing[4]).rejects.toMatchObject({ ...exists, extensions: { sessionId: "s" } });
  expect(sessions.list().map((session) => session.info.status)).toEqual(["starting"]);
  gate.resolve();
  expect((await settled).map((result) => result.status)).toEqual([
    "fulfilled",
    ...Array.from({ length: 4 }, () => "rejected"),
  ]);
  expect(agent.opened).toHaveLength(1);
});

it("frees an id whose session could not be opened, and what waited for it finds nothing", async () => {
  const buffer = new EventBuffer(1 << 20);
  const gate = Promise.withResolvers<void>();
  let broken = true;
  const agent = createFakeAgent({
    async open() {
      await gate.promise;
      if (broken) throw new Error("cannot start");
    },
  });
  await using sessions = createSessions([agent], { buffer });
  const failing = sessions.create("s", { agent: "mock" });
  const waiting = sessions.get("s");
  const settled = Promise.allSettled([failing, waiting]);
  gate.resolve();
  await settled;
  await expect(failing).rejects.toThrow("cannot start");
  await expect(waiting).rejects.toMatchObject(missing);
  expect(sessions.list()).toEqual([]);
  expect(buffer.usedBytes).toBe(0);
  broken = false;
  const session = await sessions.create("s", { agent: "mock" });
  expect(await sessions.get("s")).toBe(session);
});

it("also keeps the id of an ended session until it is deleted", async () => {
  await using sessions = createSessions([createMockAgent({ pauseMs: 0 })]);
  const session = await sessions.create("s", { agent: "mock" });
  await session.post(text("end")).ended;
  await expect(sessions.create("s", { agent: "mock" })).rejects.toMatchObject(exists);
  expect(await sessions.get("s")).toBe(session);
});

it("ends a session at its deletion and forgets it with its events", async () => {
  const buffer = new EventBuffer(1 << 20);
  const agent = createFakeAgent({ startTurn: (agent) => agent.say(permission("p")) });
  await using sessions = createSessions([agent], { buffer });
  const session = await sessions.create("s", { agent: "mock" });
  const turn = session.post(text("a"));
  const rung = session.log.bell.wait();
  await sessions.delete("s");
  expect(await rung).toBe("rung");
  await turn.ended;
  expect(agent.opened[0]?.calls).toEqual(["start a", "dispose"]);
  expect(session.info.status).toBe("ended");
  expect(buffer.usedBytes).toBe(0);
  await expect(sessions.get("s")).rejects.toMatchObject(missing);
  expect(() => sessions.peek("s")).toThrow("session not found: s");
  await expect(sessions.delete("s")).rejects.toMatchObject(missing);
  const next = await sessions.create("s", { agent: "mock" });
  expect(next.info.eventCount).toBe(1);
});

it("lets one of two deletions win", async () => {
  await using sessions = createSessions([createMockAgent()]);
  await sessions.create("s", { agent: "mock" });
  const results = await Promise.allSettled([sessions.delete("s"), sessions.delete("s")]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected"]);
});

it("lists sessions, the newest first", async () => {
  await using sessions = createSessions([createMockAgent()]);
  for (const id of ["a", "b", "c"]) await sessions.create(id, { agent: "mock" });
  expect(sessions.list().map((session) => session.info.sessionId)).toEqual(["c", "b", "a"]);
});

it("terminates every session at its own end, also one that is still being created", async () => {
  const gate = Promise.withResolvers<void>();
  const agent = createFakeAgent({
    open: ({ sessionId }) => (sessionId === "slow" ? gate.promise : undefined),
  });
  const sessions = createSessions([agent]);
  const first = await sessions.create("s", { agent: "mock" });
  const slow = sessions.create("slow", { agent: "mock" });
  first.post(text("a"));
  const disposed = sessions[Symbol.asyncDispose]();
  await expect(sessions.create("late", { agent: "mock" })).rejects.toThrow("shutting down");
  gate.resolve();
  await disposed;
  for (const session of [first, await slow]) {
    expect(readEvents(session.log).at(-1)).toMatchObject({
      type: "session.ended",
      data: { reason: "terminated", terminated_by: "daemon" },
    });
  }
  expect(agent.opened.map((session) => session.calls.at(-1))).toEqual(["dispose", "dispose"]);
});

it("keeps what is remembered and the ids of one session from the others", async () => {
  const agent = createFakeAgent();
  await using sessions = createSessions([agent]);
  const [a, b] = [
    await sessions.create("a", { agent: "mock" }),
    await sessions.create("b", { agent: "mock" }),
  ];
  a.post(text("x"));
  agent.opened[0]?.say(permission("p", "ls"));
  await a.replyPermission("p", "always");
  b.post(text("x"));
  agent.opened[1]?.say(permission("p", "ls"));
  expect(b.info.pendingPermissions).toMatchObject([{ permission_id: "p" }]);
  expect(agent.opened[1]?.calls).toEqual(["start x"]);
});

it("records what an agent says while its session is opened after the session's start", async () => {
  const item = {
    nativeId: null,
    kind: "status",
    role: "system",
    content: [{ type: "status", label: "warning", detail: "Beware" }],
    status: "completed",
  } as const;
  const agent = createFakeAgent({
    open: ({ emit }) =>
      emit([{ type: "item.completed", item: { ...item, content: [...item.content] } }]),
  });
  await using sessions = createSessions([agent]);
  const { log } = await sessions.create("s", { agent: "mock" });
  expect(readEvents(log).map(({ type }) => type)).toEqual([
    "session.started",
    "item.started",
    "item.completed",
  ]);
});
