import { expect, it } from "vitest";
import type { AgentOutput } from "../../src/agents/agent.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import type { PermissionReply } from "../../src/schema/permission.ts";
import type { Session } from "../../src/sessions/session.ts";
import { type FakeAgentSession, permission, question } from "../support/fake-agent.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { brief, openFake, readEvents, text, untilEvent } from "../support/session-events.ts";

const TIMEOUT_MS = 60_000;
const isEnd = (event: UniversalEvent): boolean => event.type === "turn.ended";
const isResolved = (event: UniversalEvent): boolean => event.type.endsWith(".resolved");

/** A fake agent that asks for a permission `p` and asks a question `q`. */
const asking = {
  startTurn: (agent: FakeAgentSession) => agent.say(permission("p"), question("q")),
};

function after(session: Session, sequence: number): string[] {
  return readEvents(session.log).slice(sequence).map(brief);
}

it.each<[PermissionReply, string]>([
  ["once", "accept"],
  ["always", "accept_for_session"],
  ["reject", "reject"],
])("delivers the reply %j and then records %j", async (reply, status) => {
  const { session, agent } = openFake({
    ...asking,
    reply: () => expect(after(session, 4)).toEqual([]),
  });
  await using _session = session;
  session.post(text("a"));
  await session.replyPermission("p", reply);
  expect(agent.calls).toEqual(["start a", `${reply} p`]);
  expect(after(session, 4)).toEqual([`5 permission.resolved* p ${status}`]);
  expect(readEvents(session.log)[4]?.data).toEqual({
    permission_id: "p",
    action: "Bash",
    status,
    metadata: { tool: "Bash", input: { command: "ls" } },
  });
  expect(session.info.pendingPermissions).toEqual([]);
});

it.each([
  ["answered", [["Red"]], [["Red"]], "Red"],
  ["answered", [["My own words"]], [["My own words"]], "My own words"],
  ["answered", [[]], [[]], null],
  ["answered", [], [[]], null],
  ["rejected", null, null, null],
] as const)(
  "records a question as %s when it is answered by %j",
  async (status, given, recorded, response) => {
    const answers = given && given.map((labels) => [...labels]);
    const { session, agent } = openFake(asking);
    await using _session = session;
    session.post(text("a"));
    await session.replyQuestion("q", answers);
    expect(agent.calls[1]).toBe(`answer q ${JSON.stringify(recorded)}`);
    expect(readEvents(session.log)[4]).toMatchObject({
      type: "question.resolved",
      data: { question_id: "q", prompt: "Which color?", status, response, answers: recorded },
    });
    expect(session.info.pendingQuestions).toEqual([]);
  },
);

it.each(["permission", "question"])("takes one reply to a %s", async (kind) => {
  const { session, agent } = openFake(asking);
  await using _session = session;
  session.post(text("a"));
  const id = kind === "permission" ? "p" : "q";
  const reply = (): Promise<void> =>
    kind === "permission"
      ? session.replyPermission(id, "once")
      : session.replyQuestion(id, [["Red"]]);
  const details =
    kind === "permission"
      ? { status: "accept", reply: "once" }
      : { status: "answered", answers: [["Red"]] };
  const resolved = { kind: "already_resolved", extensions: { details } };
  const first = reply();
  await expect(reply(), "while the first is on its way").rejects.toMatchObject(resolved);
  await first;
  await expect(reply(), "after the first").rejects.toMatchObject(resolved);
  expect(agent.calls).toHaveLength(2);
  expect(after(session, 4)).toHaveLength(1);
});

it("keeps a request open whose reply could not be delivered", async () => {
  let broken = true;
  const { session } = openFake({
    ...asking,
    reply: () => {
      if (broken) throw new Error("the pipe is closed");
    },
  });
  await using _session = session;
  session.post(text("a"));
  await expect(session.replyPermission("p", "always")).rejects.toThrow("the pipe is closed");
  await expect(session.replyQuestion("q", null)).rejects.toThrow("the pipe is closed");
  expect(after(session, 4)).toEqual([]);
  expect(session.info).toMatchObject({ pendingPermissions: [{}], pendingQuestions: [{}] });
  broken = false;
  await session.replyPermission("p", "once");
  await session.replyQuestion("q", null);
  expect(session.info).toMatchObject({ pendingPermissions: [], pendingQuestions: [] });
});

it("takes a reply that waited for one whose delivery failed", async () => {
  let attempts = 0;
  const { session } = openFake({
    ...asking,
    reply: () => {
      attempts += 1;
      if (attempts === 1) throw new Error("the pipe is closed");
    },
  });
  await using _session = session;
  session.post(text("a"));
  const replies = [session.replyPermission("p", "always"), session.replyPermission("p", "reject")];
  await expect(replies[0]).rejects.toThrow("the pipe is closed");
  await replies[1];
  expect(after(session, 4)).toEqual(["5 permission.resolved* p reject"]);
});

it("remembers `always` by the agent's key, shows the request and answers it at once", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  session.post(text("a"));
  agent.say(permission("p1", "ls"), permission("p2", "rm"));
  await session.replyPermission("p1", "always");
  await session.replyPermission("p2", "once");
  agent.say(permission("p3", "ls"), permission("p4", "rm"));
  await untilEvent(session.log, (event) => brief(event).includes("resolved* p3"));
  expect(after(session, 6)).toEqual([
    "7 permission.requested p3 requested",
    "8 permission.requested p4 requested",
    "9 permission.resolved* p3 accept_for_session",
  ]);
  expect(readEvents(session.log)[8]?.data).toMatchObject({ metadata: { reason: "remembered" } });
  expect(agent.calls.at(-1)).toBe("always p3");
  expect(session.info.pendingPermissions).toMatchObject([{ permission_id: "p4" }]);
});

it("does not remember `always` where it could not be delivered", async () => {
  let broken = true;
  const { session, agent } = openFake({
    reply: () => {
      if (broken) throw new Error("the pipe is closed");
    },
  });
  await using _session = session;
  agent.say({ type: "turn.started" }, permission("p1", "ls"));
  await expect(session.replyPermission("p1", "always")).rejects.toThrow("the pipe is closed");
  broken = false;
  agent.say(permission("p2", "ls"));
  await session.replyPermission("p2", "once");
  expect(session.info.pendingPermissions).toMatchObject([{ permission_id: "p1" }]);
});

it.each<[string, string, (session: Session, agent: FakeAgentSession) => unknown]>([
  ["the turn is interrupted", "interrupted", (session) => session.interrupt()],
  ["the turn ends without an answer", "interrupted", (_, agent) => agent.end()],
  ["the session is terminated", "terminated", (session) => session.terminate()],
  [
    "the agent ends the session",
    "terminated",
    (_, agent) =>
      agent.say({ type: "session.ended", data: { reason: "error", terminated_by: "agent" } }),
  ],
  [
    "the agent no longer waits",
    "interrupted",
    (_, agent) =>
      agent.say({ type: "request.withdrawn", id: "p" }, { type: "request.withdrawn", id: "q" }),
  ],
])("closes requests when %s, as rejected because of %s", async (_, reason, act) => {
  const { session, agent } = openFake(asking);
  await using _session = session;
  session.post(text("a"));
  await act(session, agent);
  expect(after(session, 4).slice(0, 2)).toEqual([
    "5 permission.resolved* p reject",
    "6 question.resolved* q rejected",
  ]);
  const [p, q] = readEvents(session.log).slice(4);
  expect(p?.data).toMatchObject({ metadata: { tool: "Bash", reason } });
  expect(q?.data).toMatchObject({ metadata: { reason }, answers: null, response: null });
  await expect(session.replyPermission("p", "once")).rejects.toMatchObject(
    reason === "terminated"
      ? { kind: "session_ended" }
      : {
          kind: "already_resolved",
          message: `already resolved: permission p is reject (${reason})`,
          extensions: { details: { status: "reject", reason } },
        },
  );
});

it("closes what is open before the turn's end, and that before the session's", async () => {
  const { session } = openFake(asking);
  session.post(text("a"));
  session.post(text("b"));
  await session.terminate();
  expect(after(session, 4)).toEqual([
    "5 permission.resolved* p reject",
    "6 question.resolved* q rejected",
    "7 turn.ended* turn_1 interrupted",
    "8 turn.started* turn_2 user",
    "9 turn.ended* turn_2 interrupted",
    "10 session.ended* terminated",
  ]);
});

it("closes at the session's end what is open outside of any turn", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  agent.say(permission("p"), {
    type: "turn.ended",
    outcome: { status: "completed" },
    keepRequests: true,
  });
  agent.say({ type: "item.delta", nativeId: "late", delta: "x" });
  await session.terminate();
  expect(after(session, 4)).toEqual([
    "5 item.started* itm_1 message late",
    "6 item.delta itm_1",
    "7 permission.resolved* p reject",
    "8 item.completed* itm_1 message late",
    "9 session.ended* terminated",
  ]);
  expect(readEvents(session.log)[6]?.data).toMatchObject({ metadata: { reason: "terminated" } });
});

it("rejects by itself what nobody answers in time", async () => {
  const { session, agent } = openFake(
    {
      ...asking,
      reply: (agent) => {
        if (agent.calls.length === 3) agent.end();
      },
    },
    { interaction: { timeoutMs: TIMEOUT_MS } },
  );
  using timers = fakeTimers();
  await using _session = session;
  const turn = session.post(text("a"));
  await timers.advance(TIMEOUT_MS - 1);
  expect(agent.calls).toEqual(["start a"]);
  await timers.advance(1);
  await turn.ended;
  expect(agent.calls.toSorted()).toEqual(["answer q null", "reject p", "start a"]);
  const closed = readEvents(session.log).filter(isResolved);
  expect(closed[0]?.data).toMatchObject({ status: "reject", metadata: { reason: "timeout" } });
});

it("interrupts by itself a turn in which nobody answers in time, where that is wanted", async () => {
  const { session, agent } = openFake(asking, {
    interaction: { timeoutMs: TIMEOUT_MS, onTimeout: "interrupt" },
  });
  using timers = fakeTimers();
  await using _session = session;
  const turn = session.post(text("a"));
  await timers.advance(TIMEOUT_MS);
  await turn.ended;
  expect(agent.calls[1]).toBe("interrupt");
  expect(after(session, 4)).toEqual([
    "5 permission.resolved* p reject",
    "6 question.resolved* q rejected",
    "7 turn.ended* turn_1 interrupted",
  ]);
  for (const { data } of readEvents(session.log).filter(isResolved)) {
    expect(data).toMatchObject({ metadata: { reason: "timeout" } });
  }
});

it("also limits the wait where a remembered reply could not be delivered", async () => {
  let broken = false;
  const { session, agent } = openFake(
    {
      reply: (agent, id) => {
        if (broken) {
          broken = false;
          throw new Error("the pipe is closed");
        }
        if (id === "p2") agent.end();
      },
    },
    { interaction: { timeoutMs: TIMEOUT_MS } },
  );
  using timers = fakeTimers();
  await using _session = session;
  const turn = session.post(text("a"));
  agent.say(permission("p1", "ls"));
  await session.replyPermission("p1", "always");
  broken = true;
  agent.say(permission("p2", "ls"));
  await timers.advance(TIMEOUT_MS);
  await turn.ended;
  expect(agent.calls).toEqual(["start a", "always p1", "always p2", "reject p2"]);
});

it("does not interrupt for a request that was answered in time", async () => {
  const { session, agent } = openFake(
    { startTurn: (agent) => agent.say(permission("p")) },
    { interaction: { timeoutMs: 60_000, onTimeout: "interrupt" } },
  );
  session.post(text("a"));
  await session.replyPermission("p", "once");
  agent.end();
  await untilEvent(session.log, isEnd);
  // Termination waits for everything the session runs, so it would wait for a deadline that is left.
  await session.terminate();
  expect(agent.calls).toEqual(["start a", "once p", "dispose"]);
});

it("names the item of the call that a permission is about", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  const item = { nativeId: "call", kind: "tool_call", role: "assistant", content: [] } as const;
  const request = { id: "p", action: "Bash", memoryKey: "k" };
  agent.say(
    { type: "item.started", item: { ...item, content: [], status: "in_progress" } },
    { type: "permission.requested", request: { ...request, metadata: { call_id: "call" } } },
  );
  expect(readEvents(session.log)[2]?.data).toMatchObject({
    metadata: { call_id: "call", item_id: "itm_1" },
  });
});

it("ends the stream of a turn at its first request, else at its end", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  const first = session.post(text("a"));
  const second = session.post(text("b"));
  agent.say(permission("p"), question("q"));
  expect(first).toMatchObject({ startSequence: 2, streamEnd: 3 });
  agent.end();
  agent.end();
  await second.ended;
  expect(second.streamEnd).toBe(session.log.lastSequence);
});

/** A request of work that goes on beside turns. */
function beside(output: AgentOutput): AgentOutput {
  if (output.type === "permission.requested") output.request.background = true;
  if (output.type === "question.requested") output.request.background = true;
  return output;
}

it("keeps a request of background work open when the turn ends, and closes it with the session", async () => {
  const { session } = openFake({
    startTurn: (agent) => {
      agent.say(beside(permission("b")), permission("p"), beside(question("q")));
      agent.end();
    },
  });
  session.post(text("a"));
  await untilEvent(session.log, isEnd);
  expect(session.info.pendingPermissions).toMatchObject([
    { permission_id: "b", metadata: { background: true } },
  ]);
  expect(session.info.pendingQuestions).toMatchObject([
    { question_id: "q", metadata: { background: true } },
  ]);
  await session.replyPermission("b", "once");
  await session.terminate();
  expect(readEvents(session.log).filter(isResolved).map(brief)).toEqual([
    "6 permission.resolved* p reject",
    "8 permission.resolved* b accept",
    "9 question.resolved* q rejected",
  ]);
});

it("takes a request of background work whose time is over for rejected; the turn goes on", async () => {
  const { session, agent } = openFake(
    { startTurn: (agent) => agent.say(beside(permission("b"))) },
    { interaction: { timeoutMs: TIMEOUT_MS, onTimeout: "interrupt" } },
  );
  using timers = fakeTimers();
  await using _session = session;
  session.post(text("a"));
  await timers.advance(TIMEOUT_MS);
  expect(readEvents(session.log).filter(isResolved)).toHaveLength(1);
  expect(agent.calls).toEqual(["start a", "reject b"]);
  expect(session.info.status).toBe("running");
});

it("rejects what a turn has left open when its time is over, and leaves the next turn alone", async () => {
  const { session, agent } = openFake(
    {
      startTurn: (agent, { text }) => {
        if (text !== "a") return;
        agent.say(permission("p"), {
          type: "turn.ended",
          outcome: { status: "completed" },
          keepRequests: true,
        });
      },
    },
    { interaction: { timeoutMs: TIMEOUT_MS, onTimeout: "interrupt" } },
  );
  using timers = fakeTimers();
  await using _session = session;
  session.post(text("a"));
  session.post(text("b"));
  await timers.advance(TIMEOUT_MS);
  expect(readEvents(session.log).filter(isResolved)).toHaveLength(1);
  expect(agent.calls).toEqual(["start a", "start b", "reject p"]);
  expect(session.info.status).toBe("running");
});

it("answers other open requests that an `always` covers too, and no others", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  session.post(text("a"));
  agent.say(permission("p1", "ls"), permission("p2", "rm"), permission("p3", "ls"));
  await session.replyPermission("p1", "always");
  await untilEvent(session.log, (event) => brief(event).includes("resolved* p3"));
  expect(after(session, 5)).toEqual([
    "6 permission.resolved* p1 accept_for_session",
    "7 permission.resolved* p3 accept_for_session",
  ]);
  expect(readEvents(session.log)[6]?.data).toMatchObject({ metadata: { reason: "remembered" } });
  expect(session.info.pendingPermissions).toMatchObject([{ permission_id: "p2" }]);
});

it("answers an equal request that opens while an `always` is on its way", async () => {
  const arrived = Promise.withResolvers<void>();
  const { session, agent } = openFake({
    reply: () => {
      if (agent.calls.at(-1) === "always p1") agent.say(permission("p2", "ls"));
      arrived.resolve();
    },
  });
  await using _session = session;
  session.post(text("a"));
  agent.say(permission("p1", "ls"));
  await session.replyPermission("p1", "always");
  await arrived.promise;
  await untilEvent(session.log, (event) => brief(event).includes("resolved* p2"));
  expect(session.info.pendingPermissions).toEqual([]);
});

it.each<[PermissionReply, string]>([
  ["once", "accept"],
  ["always", "accept_for_session"],
  ["reject", "reject"],
])("records a reply %j that another client of the agent gave as %s", async (reply, status) => {
  const { session, agent } = openFake();
  await using _session = session;
  session.post(text("a"));
  agent.say(permission("p1", "ls"), { type: "request.withdrawn", id: "p1", answer: { reply } });
  expect(readEvents(session.log).at(-1)).toMatchObject({
    type: "permission.resolved",
    data: { permission_id: "p1", status, metadata: { reason: "elsewhere" } },
  });
  agent.say(permission("p2", "ls"));
  expect(session.info.pendingPermissions).toMatchObject([{ permission_id: "p2" }]);
});

it.each([
  ["answered", [["Red"]], "Red"],
  ["rejected", null, null],
])("records a question that another client of the agent %s", async (status, answers, response) => {
  const { session, agent } = openFake();
  await using _session = session;
  session.post(text("a"));
  agent.say(question("q"), { type: "request.withdrawn", id: "q", answer: { answers } });
  expect(readEvents(session.log).at(-1)).toMatchObject({
    type: "question.resolved",
    data: { question_id: "q", status, answers, response, metadata: { reason: "elsewhere" } },
  });
});
