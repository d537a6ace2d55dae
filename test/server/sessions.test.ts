import { expect, test } from "vitest";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import { createFakeAgent, permission, question } from "../support/fake-agent.ts";
import { untilEvent } from "../support/session-events.ts";
import { validatedApp } from "../support/validated-app.ts";

test("a session is created, told about, listed newest first, and its native id is answered", async () => {
  await using app = await validatedApp();
  const created = await app.post("/v1/sessions/a", { agent: "mock", permissionMode: "bypass" });
  expect(created.json()).toEqual({ healthy: true, nativeSessionId: "mock-a" });
  expect(created.headers["content-type"]).toBe("application/json");
  await app.createSession("b", { title: "Second", agentMode: null });
  const { sessions } = (await app.get("/v1/sessions")).json();
  expect(sessions.map(({ sessionId }: { sessionId: string }) => sessionId)).toEqual(["b", "a"]);
  expect((await app.get("/v1/sessions/a")).json()).toMatchObject({
    agent: "mock",
    agentMode: "build",
    permissionMode: "bypass",
    model: "mock",
    title: null,
    status: "idle",
    ended: false,
    eventCount: 1,
    firstSequence: 1,
    queuedMessages: 0,
  });
});

test("of racing creates of one id one wins and the others get a conflict", async () => {
  await using app = await validatedApp();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => app.post("/v1/sessions/s", { agent: "mock" })),
  );
  expect(answers.map(({ statusCode }) => statusCode).sort((a, b) => a - b)).toEqual([
    200,
    ...Array(7).fill(409),
  ]);
});

test("a failed create frees the id and says why", async () => {
  let fails = true;
  const agent = createFakeAgent({
    open() {
      if (fails) throw new Error("no such binary");
    },
  });
  await using app = await validatedApp({ agents: [agent] });
  const failed = await app.post("/v1/sessions/s", { agent: "mock" });
  expect(failed.json()).toMatchObject({ status: 502, detail: "stream error: no such binary" });
  expect((await app.get("/v1/sessions/s")).statusCode).toBe(404);
  fails = false;
  await app.createSession("s");
});

test("a deleted session is gone with its events and its id is free again", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  expect((await app.inject({ method: "DELETE", url: "/v1/sessions/s" })).statusCode).toBe(204);
  for (const path of ["", "/events", "/events/sse"]) {
    expect((await app.get(`/v1/sessions/s${path}`)).json()).toMatchObject({
      type: "urn:sandbox-agent:error:session_not_found",
      detail: "session not found: s",
      sessionId: "s",
    });
  }
  expect((await app.inject({ method: "DELETE", url: "/v1/sessions/s" })).statusCode).toBe(404);
  await app.createSession("s");
});

test("answers of the API may not be kept by a cache", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  for (const path of [
    "/v1/health",
    "/v1/sessions",
    "/v1/sessions/s",
    "/v1/sessions/s/events",
    "/v1/none",
  ]) {
    expect((await app.get(path)).headers["cache-control"], path).toBe("no-store");
  }
});

test("a terminated session stays readable and takes no message; terminating again is harmless", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  for (let i = 0; i < 2; i++) {
    expect((await app.post("/v1/sessions/s/terminate")).statusCode).toBe(204);
  }
  const { events } = (await app.get("/v1/sessions/s/events")).json();
  expect(events.map(({ type }: { type: string }) => type)).toEqual([
    "session.started",
    "session.ended",
  ]);
  expect((await app.post("/v1/sessions/s/messages", { message: "hello" })).json()).toMatchObject({
    type: "urn:sandbox-agent:error:session_ended",
    status: 409,
    detail: "session ended: create another session",
  });
});

test("an interrupt ends the running turn, keeps the session, and is harmless while it is idle", async () => {
  await using app = await validatedApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  expect((await app.post("/v1/sessions/s/interrupt")).statusCode).toBe(204);
  await app.post("/v1/sessions/s/messages", { message: "work" });
  expect((await app.get("/v1/sessions/s")).json()).toMatchObject({ status: "running" });
  expect((await app.post("/v1/sessions/s/interrupt")).statusCode).toBe(204);
  expect((await app.get("/v1/sessions/s")).json()).toMatchObject({ status: "idle" });
  const { events } = (await app.get("/v1/sessions/s/events")).json();
  expect(events.at(-1)).toMatchObject({
    type: "turn.ended",
    data: { turn_id: "turn_1", metadata: { status: "interrupted" } },
  });
});

test("a later reply to a permission or question is refused with the decision", async () => {
  const agent = createFakeAgent({
    startTurn: (session) => session.say(permission("p/1"), question("q1"), question("q2")),
  });
  await using app = await validatedApp({ agents: [agent] });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages", { message: "go" });
  const replies = [
    ["permissions/p%2F1/reply", { reply: "always" }, { status: "accept_for_session" }],
    ["questions/q1/reply", { answers: [["Red"]] }, { status: "answered", answers: [["Red"]] }],
    ["questions/q2/reject", undefined, { status: "rejected" }],
  ] as const;
  for (const [path, body, decision] of replies) {
    expect((await app.post(`/v1/sessions/s/${path}`, body)).statusCode).toBe(204);
    const again = await app.post(`/v1/sessions/s/${path}`, body);
    expect(again.json()).toMatchObject({
      type: "urn:sandbox-agent:error:already_resolved",
      status: 409,
      details: decision,
    });
  }
  await app.post("/v1/sessions/s/terminate");
  for (const [path, body] of replies) {
    expect((await app.post(`/v1/sessions/s/${path}`, body)).json()).toMatchObject({ status: 409 });
    const unknown = path.replace(/p%2F1|q\d/, "never");
    expect((await app.post(`/v1/sessions/s/${unknown}`, body)).json()).toMatchObject({
      type: "urn:sandbox-agent:error:invalid_request",
      detail: expect.stringMatching(/^invalid request: unknown (permission|question) id: never$/),
    });
  }
  expect(agent.opened[0]?.calls.slice(1, -1)).toEqual([
    "always p/1",
    'answer q1 [["Red"]]',
    "answer q2 null",
  ]);
});

test("a reply that cannot be delivered is a stream error, and the request stays open", async () => {
  let fails = true;
  const agent = createFakeAgent({
    startTurn: (session) => session.say(permission("p")),
    reply() {
      if (fails) throw new Error("broken pipe");
    },
  });
  await using app = await validatedApp({ agents: [agent] });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages", { message: "go" });
  const url = "/v1/sessions/s/permissions/p/reply";
  expect((await app.post(url, { reply: "once" })).json()).toMatchObject({
    type: "urn:sandbox-agent:error:stream_error",
    status: 502,
  });
  fails = false;
  expect((await app.post(url, { reply: "once" })).statusCode).toBe(204);
});

test("an id may be 256 characters of any script and comes back as it was", async () => {
  await using app = await validatedApp();
  for (const id of ["é".repeat(256), "𝄞".repeat(256), "a b?c#d%&+", "..%2e", "名前:1;2"]) {
    await app.createSession(id);
    const info = await app.get(`/v1/sessions/${encodeURIComponent(id)}`);
    expect(info.json()).toMatchObject({ sessionId: id });
  }
});

test("a session that is still being created is told about, without waiting for it", async () => {
  const gate = Promise.withResolvers<void>();
  const agent = createFakeAgent({ open: () => gate.promise });
  await using app = await validatedApp({ agents: [agent] });
  const created = app.createSession("s");
  await expect.poll(async () => (await app.get("/v1/sessions/s")).statusCode).toBe(200);
  expect((await app.get("/v1/sessions/s")).json()).toMatchObject({ status: "starting" });
  expect((await app.get("/v1/sessions/s/events")).json()).toEqual({ events: [], hasMore: false });
  gate.resolve();
  await created;
});

test("the order of the turn's start and the answer: it is recorded before the 204", async () => {
  await using app = await validatedApp({ agents: [createMockAgent({ pauseMs: 5000 })] });
  await app.createSession("s");
  const first = await app.post("/v1/sessions/s/messages", { message: "a" });
  const second = await app.post("/v1/sessions/s/messages", { message: "b" });
  expect([first, second].map(({ headers }) => headers["x-turn-id"])).toEqual(["turn_1", "turn_2"]);
  const { events } = (await app.get("/v1/sessions/s/events?limit=2")).json();
  expect(events[1]).toMatchObject({ type: "turn.started", data: { turn_id: "turn_1" } });
  expect((await app.get("/v1/sessions/s")).json()).toMatchObject({ queuedMessages: 1 });
});

test("the 66th message of a busy session is one too many", async () => {
  await using app = await validatedApp({ agents: [createFakeAgent()] });
  await app.createSession("s");
  for (let i = 0; i < 65; i++) {
    expect((await app.post("/v1/sessions/s/messages", { message: "m" })).statusCode).toBe(204);
  }
  expect((await app.post("/v1/sessions/s/messages", { message: "m" })).json()).toMatchObject({
    type: "urn:sandbox-agent:error:queue_full",
    status: 429,
    sessionId: "s",
  });
});

test("an empty message starts and ends a turn", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  expect((await app.post("/v1/sessions/s/messages", { message: "  " })).statusCode).toBe(204);
  const ended = await untilEvent(app.sessions.peek("s").log, ({ type }) => type === "turn.ended");
  expect(ended.sequence).toBe(3);
});
