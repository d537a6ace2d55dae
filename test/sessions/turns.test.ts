import { setImmediate as tick } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import type { AgentOutput } from "../../src/agents/agent.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import type { Usage } from "../../src/schema/usage.ts";
import { QueueBudget } from "../../src/sessions/queue-budget.ts";
import type { Session } from "../../src/sessions/session.ts";
import type { FakeAgentSession, FakeBehaviour } from "../support/fake-agent.ts";
import { brief, openFake, readEvents, text } from "../support/session-events.ts";

const MIB = 2 ** 20;
const completed = { status: "completed" } as const;

/** A behaviour that ends each turn at once. */
const prompt: FakeBehaviour = { startTurn: (agent) => agent.end() };

function turnsOf(session: Session): string[] {
  const lines = readEvents(session.log).filter(({ type }) => type.startsWith("turn."));
  return lines.map((event) => brief(event).replace(/^\d+ turn\.(\w+)\* /, "$1 "));
}

interface Case {
  behaviour: FakeBehaviour;
  /** Message texts; all are posted before anything else happens. */
  messages: string[];
  act?: (session: Session, agent: FakeAgentSession) => void | Promise<void>;
  /** Status of each message's turn. */
  statuses: string[];
}

const boom = () => {
  throw new Error("boom");
};

const cases: Record<string, Case> = {
  "is answered": { behaviour: prompt, messages: ["a", "b"], statuses: ["completed", "completed"] },
  "is empty": { behaviour: prompt, messages: [""], statuses: ["completed"] },
  "is answered by an agent that reports the end twice": {
    behaviour: { startTurn: (agent) => (agent.end(), agent.end()) },
    messages: ["a", "b"],
    statuses: ["completed", "completed"],
  },
  "is interrupted": {
    behaviour: {},
    messages: ["a"],
    act: (session) => session.interrupt(),
    statuses: ["interrupted"],
  },
  "waits behind one that is interrupted": {
    behaviour: { startTurn: (agent, { text }) => (text === "b" ? agent.end() : undefined) },
    messages: ["a", "b"],
    act: (session) => session.interrupt(),
    statuses: ["interrupted", "completed"],
  },
  "is interrupted twice at once": {
    behaviour: {},
    messages: ["a"],
    act: async (session) => {
      await Promise.all([session.interrupt(), session.interrupt()]);
    },
    statuses: ["interrupted"],
  },
  "cannot be handed over": {
    behaviour: { startTurn: boom },
    messages: ["a", "b"],
    statuses: ["failed", "failed"],
  },
  "cannot be handed over, which the agent has said by itself": {
    behaviour: {
      startTurn: (agent) => {
        agent.end({ status: "failed" });
        boom();
      },
    },
    messages: ["a", "b"],
    statuses: ["failed", "failed"],
  },
  "is running or queued when the session is terminated": {
    behaviour: {},
    messages: ["a", "b", "c"],
    act: (session) => session.terminate(),
    statuses: ["interrupted", "interrupted", "interrupted"],
  },
  "is running or queued when a session is terminated whose agent then ends its turn": {
    behaviour: { dispose: (agent) => agent.end({ status: "interrupted" }) },
    messages: ["a", "b", "c"],
    act: (session) => session.terminate(),
    statuses: ["interrupted", "interrupted", "interrupted"],
  },
  "is running or queued when the conversation cannot go on": {
    behaviour: {},
    messages: ["a", "b"],
    act: (_, agent) =>
      agent.say({ type: "session.ended", data: { reason: "error", terminated_by: "agent" } }),
    statuses: ["failed", "interrupted"],
  },
  "is running when its agent says that all is done": {
    behaviour: {},
    messages: ["a", "b"],
    act: (_, agent) =>
      agent.say({ type: "session.ended", data: { reason: "completed", terminated_by: "agent" } }),
    statuses: ["completed", "interrupted"],
  },
};

it.each(Object.entries(cases))("has one turn for a message that %s", async (_, given) => {
  const { behaviour, messages, act, statuses } = given;
  const { session, agent } = openFake(behaviour);
  await using _session = session;
  const turns = messages.map((message) => session.post(text(message)));
  await act?.(session, agent);
  await Promise.all(turns.map((turn) => turn.ended));
  await session.terminate();
  const expected = statuses.flatMap((status, index) => {
    const id = `turn_${index + 1}`;
    return [`started ${id} user`, `ended ${id} ${status}`];
  });
  expect(turnsOf(session)).toEqual(expected);
  expect(readEvents(session.log).map((event) => event.sequence)).toEqual(
    Array.from({ length: session.log.lastSequence }, (_, index) => index + 1),
  );
});

it("hands messages over one at a time, in the order in which they came", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  const turns = ["a", "b", "c"].map((message) => session.post(text(message)));
  expect(session.info).toMatchObject({ status: "running", queuedMessages: 2 });
  expect(turns.map((turn) => turn.startSequence)).toEqual([2, undefined, undefined]);
  for (const turn of turns) {
    agent.end();
    await turn.ended;
  }
  expect(agent.calls).toEqual(["start a", "start b", "start c"]);
  expect(session.info).toMatchObject({ status: "idle", queuedMessages: 0 });
});

it("lets 64 messages wait and refuses the 65th", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  for (let index = 0; index <= 64; index++) session.post(text(`${index}`));
  const refusal = expect.objectContaining({
    kind: "queue_full",
    status: 429,
    extensions: { sessionId: "s" },
  });
  expect(() => session.post(text("too many"))).toThrow(refusal);
  agent.end();
  session.post(text("fits again"));
  expect(() => session.post(text("too many"))).toThrow(refusal);
  expect(session.info.queuedMessages).toBe(64);
});

it("bounds the bytes of the messages that wait in a session, and releases those of a started turn", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  const large = text("x".repeat(24 * MIB));
  session.post(text("runs"));
  session.post(large);
  const refusal = expect.objectContaining({ kind: "queue_full", extensions: { sessionId: "s" } });
  // The test's daemon may keep half of 64 MiB.
  expect(() => session.post(large)).toThrow(refusal);
  expect(() => session.post(text("€".repeat(8 * MIB)))).toThrow(refusal);
  session.post(text("small"));
  agent.end();
  session.post(large);
  expect(session.info.queuedMessages).toBe(2);
});

it("bounds the bytes of the messages that wait in all sessions, and releases those of an ended one", async () => {
  const queues = new QueueBudget(64 * MIB);
  const sessions = Array.from({ length: 2 }, () => openFake({}, {}, queues).session);
  const [one, other] = sessions;
  for (const session of sessions) session.post(text("runs"));
  const large = text("x".repeat(24 * MIB));
  one?.post(large);
  expect(() => other?.post(large)).toThrow(expect.objectContaining({ kind: "queue_full" }));
  expect(queues.usedBytes).toBe(24 * MIB);
  await one?.terminate();
  expect(queues.usedBytes).toBe(0);
  other?.post(large);
  await other?.terminate();
  expect(queues.usedBytes).toBe(0);
});

it("does not keep the message of a running turn", async () => {
  const { session } = openFake();
  await using _session = session;
  const turn = session.post(text("large"));
  expect(turn.prompt).toBeUndefined();
});

it("records why a message could not be handed over", async () => {
  const { session } = openFake({ startTurn: boom });
  await using _session = session;
  await session.post(text("a")).ended;
  const [, , error, end] = readEvents(session.log);
  const cause = { code: "internal", message: "Error: boom" };
  expect(error).toMatchObject({
    type: "error",
    data: { ...cause, details: null },
    synthetic: true,
  });
  expect(end?.data).toMatchObject({ metadata: { status: "failed", error: cause } });
  expect(session.info).toMatchObject({ status: "idle", lastError: cause });
});

it("gives a turn of its own to what the agent begins by itself, and lets messages wait", async () => {
  const { session, agent } = openFake(prompt);
  await using _session = session;
  agent.say({ type: "turn.started", nativeTurnId: "n1" }, { type: "turn.started" });
  const turn = session.post(text("a"));
  expect(agent.calls).toEqual([]);
  agent.end();
  await turn.ended;
  expect(turnsOf(session)).toEqual([
    "started turn_1 agent",
    "ended turn_1 completed",
    "started turn_2 user",
    "ended turn_2 completed",
  ]);
  expect(readEvents(session.log)[1]?.data).toEqual({
    phase: "started",
    turn_id: "turn_1",
    metadata: { origin: "agent", native_turn_id: "n1" },
  });
});

it("ignores the end of a turn that nobody began", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  agent.end();
  expect(session.log.lastSequence).toBe(1);
});

it("adds up the usage of its turns", async () => {
  const usages: Usage[] = [
    { input_tokens: 10, output_tokens: 2, total_tokens: 12 },
    {
      input_tokens: 1,
      output_tokens: 1,
      total_tokens: 2,
      cached_input_tokens: 5,
      reasoning_tokens: 7,
      cost_usd: 0.25,
      context_window: 1000,
    },
    { input_tokens: 1, output_tokens: 0, total_tokens: 1, cached_input_tokens: 1, cost_usd: 0.5 },
  ];
  const { session } = openFake({
    startTurn: (agent, { text }) => {
      const usage = usages[Number(text)];
      agent.end({ ...completed, ...(usage && { usage }) });
    },
  });
  await using _session = session;
  for (const message of ["0", "1", "none", "2"]) await session.post(text(message)).ended;
  expect(session.info.usage).toEqual({
    input_tokens: 12,
    output_tokens: 3,
    total_tokens: 15,
    cached_input_tokens: 6,
    reasoning_tokens: 7,
    cost_usd: 0.75,
    context_window: 1000,
  });
});

it("tells how long a turn took, and what else the agent says of it", async () => {
  const { session, agent } = openFake();
  await using _session = session;
  const turn = session.post(text("a"));
  agent.end({ ...completed, stop_reason: "end_turn", native_turn_id: "n" });
  await turn.ended;
  expect(readEvents(session.log).at(-1)?.data).toEqual({
    phase: "ended",
    turn_id: "turn_1",
    metadata: {
      ...completed,
      stop_reason: "end_turn",
      native_turn_id: "n",
      duration_ms: expect.any(Number),
    },
  });
});

const late: AgentOutput[] = [
  { type: "item.delta", nativeId: "x", delta: "late" },
  { type: "turn.started" },
  { type: "error", error: { message: "late", code: null, details: null } },
  { type: "session.ended", data: { reason: "error", terminated_by: "agent" } },
];

it("waits at an interruption until the turn has really ended", async () => {
  const { session, agent } = openFake({ interrupt: () => undefined });
  await using _session = session;
  session.post(text("a"));
  let interrupted = false;
  const done = session.interrupt().then(() => (interrupted = true));
  await tick();
  expect(interrupted).toBe(false);
  agent.end({ status: "interrupted" });
  await done;
});

it("does not hand over a message whose turn is interrupted while the agent still stops", async () => {
  const stopped = Promise.withResolvers<void>();
  const { session, agent } = openFake({
    async interrupt(agent) {
      await tick();
      agent.end({ status: "interrupted" });
      await stopped.promise;
    },
  });
  await using _session = session;
  const running = session.post(text("a"));
  const second = session.post(text("b"));
  const first = session.interrupt();
  await running.ended;
  const both = Promise.all([first, session.interrupt()]);
  stopped.resolve();
  await both;
  await second.ended;
  const third = session.post(text("c"));
  await vi.waitUntil(() => agent.calls.includes("start c"));
  agent.end();
  await third.ended;
  expect(agent.calls).toEqual(["start a", "interrupt", "start c"]);
  expect(turnsOf(session)).toEqual([
    "started turn_1 user",
    "ended turn_1 interrupted",
    "started turn_2 user",
    "ended turn_2 interrupted",
    "started turn_3 user",
    "ended turn_3 completed",
  ]);
});

it("waits at its end for a message that is still being handed over", async () => {
  const released = Promise.withResolvers<void>();
  const { session } = openFake({
    startTurn: () => released.promise,
    dispose: () => void setImmediate(released.resolve),
  });
  let handedOver = false;
  void released.promise.then(() => (handedOver = true));
  session.post(text("a"));
  await session.terminate();
  expect(handedOver).toBe(true);
});

it("ends also where its agent cannot be released", async () => {
  const { session } = openFake({ dispose: boom });
  session.post(text("a"));
  await expect(session.terminate()).rejects.toThrow("boom");
  expect(turnsOf(session)).toEqual(["started turn_1 user", "ended turn_1 interrupted"]);
  expect(session.info.status).toBe("ended");
});

it("records nothing after session.ended", async () => {
  const { session, agent } = openFake({ dispose: (agent) => agent.say(...late.slice(0, 1)) });
  session.post(text("a"));
  agent.say(
    { type: "session.ended", data: { reason: "completed", terminated_by: "agent" } },
    ...late,
  );
  await session.terminate();
  agent.say(...late);
  await session.terminate();
  const events: UniversalEvent[] = readEvents(session.log);
  expect(events.map((event) => event.type)).toEqual([
    "session.started",
    "turn.started",
    "turn.ended",
    "session.ended",
  ]);
  expect(agent.calls).toEqual(["start a", "dispose"]);
});

it.each([
  ["completed", { kind: "session_ended", message: "session ended: create another session" }],
  ["terminated", { kind: "session_ended", message: "session ended: create another session" }],
  ["error", { kind: "agent_process_exited", message: "agent process exited: mock" }],
] as const)("refuses messages after its end by %s", async (reason, problem) => {
  const { session, agent } = openFake();
  await using _session = session;
  const stderr = { tail: "no such session", truncated: false };
  agent.say({
    type: "session.ended",
    data: { reason, terminated_by: "agent", exit_code: 3, stderr },
  });
  const details = { exitCode: 3, stderr: "no such session" };
  const extensions = reason === "error" ? { agent: "mock", details } : {};
  expect(() => session.post(text("a"))).toThrow(
    expect.objectContaining({ ...problem, extensions }),
  );
});
