import { setImmediate as tick } from "node:timers/promises";
import { expect, it } from "vitest";
import type { AgentOutput } from "../../src/agents/agent.ts";
import { permission, question } from "../support/fake-agent.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { brief, openFake, readEvents, text, untilEvent } from "../support/session-events.ts";

/** A value that neither runtime can serialise. */
function deep(levels = 200_000): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

const unknown = (json: unknown): AgentOutput => ({
  type: "item.completed",
  item: {
    nativeId: null,
    kind: "unknown",
    role: "system",
    content: [{ type: "json", json }],
    status: "completed",
  },
});

const types = (session: ReturnType<typeof openFake>["session"]): string[] =>
  readEvents(session.log).map(({ type }) => type);

it("records an output that cannot be serialised as unparsed, and the outputs after it", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  agent.say(unknown(deep()), unknown({ fine: true }));
  agent.end();
  expect(types(session)).toEqual([
    "session.started",
    "turn.started",
    "agent.unparsed",
    "item.started",
    "item.completed",
    "turn.ended",
  ]);
  expect(session.info).toMatchObject({ status: "idle", pendingPermissions: [] });
});

it("fails the turn whose end cannot be recorded, once, and starts the next one", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  session.post(text("b"));
  const outcome = { status: "completed", stop_reason: deep() } as unknown;
  agent.say({ type: "turn.ended", outcome: outcome as { status: "completed" } });
  agent.end();
  const turns = readEvents(session.log).flatMap((event) =>
    event.type.startsWith("turn.") || event.type === "error" ? [brief(event)] : [],
  );
  expect(turns.map((line) => line.replace(/^\d+ /, ""))).toEqual([
    "turn.started* turn_1 user",
    "error*",
    "turn.ended* turn_1 failed",
    "turn.started* turn_2 user",
    "turn.ended* turn_2 completed",
  ]);
  expect(readEvents(session.log).find(({ type }) => type === "error")).toMatchObject({
    data: { code: "protocol" },
  });
  await tick();
  expect(agent.calls).toEqual(["start a", "start b"]);
});

it("rejects a permission and a question that cannot be recorded", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  const asked = permission("p") as Extract<AgentOutput, { type: "permission.requested" }>;
  const questioned = question("q") as Extract<AgentOutput, { type: "question.requested" }>;
  agent.say(
    { ...asked, request: { ...asked.request, metadata: { input: deep() } } },
    { ...questioned, request: { ...questioned.request, metadata: { plan: deep() as string } } },
  );
  await tick();
  expect(agent.calls).toEqual(["start a", "reject p", "answer q null"]);
  expect(session.info).toMatchObject({ pendingPermissions: [], pendingQuestions: [] });
});

it("ends a session when its reported end cannot be recorded", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  const data = { reason: "error", terminated_by: "agent", message: deep() as string } as const;
  agent.say({ type: "session.ended", data });
  await untilEvent(session.log, ({ type }) => type === "session.ended");
  expect(types(session).slice(-2)).toEqual(["turn.ended", "session.ended"]);
});

it("rejects more open requests than a person could answer", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  for (let n = 0; n < 1005; n++) agent.say(permission(`p${n}`));
  await tick();
  expect(session.info.pendingPermissions).toHaveLength(1000);
  expect(agent.calls.slice(1)).toEqual([1000, 1001, 1002, 1003, 1004].map((n) => `reject p${n}`));
});

it("reports numbers that the schema allows, whatever the agent has counted", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  const usage = {
    input_tokens: -5,
    output_tokens: Infinity,
    total_tokens: NaN,
    cost_usd: -Infinity,
    reasoning_tokens: 1.5,
  };
  agent.end({ status: "completed", usage });
  expect(readEvents(session.log).at(-1)).toMatchObject({
    data: {
      metadata: {
        usage: {
          input_tokens: 0,
          output_tokens: Number.MAX_SAFE_INTEGER,
          total_tokens: 0,
          cost_usd: 0,
          reasoning_tokens: 1,
        },
      },
    },
  });
});

it("collects a bounded part of an item's text and reports the rest by its length", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  const piece = "x".repeat(256 * 1024);
  for (let n = 0; n < 16; n++) agent.say({ type: "item.delta", nativeId: "m", delta: piece });
  agent.end();
  const ended = readEvents(session.log).find(({ type }) => type === "item.completed");
  const [part] = ended?.type === "item.completed" ? ended.data.item.content : [];
  const kept = part?.type === "text" ? part.text : "";
  expect(kept.length).toBeLessThan(1.1 * 2 ** 20);
  expect(kept).toContain(`[${3 * 2 ** 20} more characters are not kept]`);
});

it("fails the oldest of more open items than are kept", async () => {
  const { session, agent } = openFake();
  session.post(text("a"));
  for (let n = 0; n < 1003; n++) agent.say({ type: "item.delta", nativeId: `m${n}`, delta: "x" });
  const failed = readEvents(session.log).filter(({ type }) => type === "item.completed");
  expect(failed).toHaveLength(3);
});

it("ends an interrupted turn whose end the agent does not report", async () => {
  const { session } = openFake({ interrupt: () => undefined });
  session.post(text("a"));
  await session.interrupt();
  expect(readEvents(session.log).map(brief).at(-1)).toContain("turn.ended* turn_1 interrupted");
  expect(session.info.status).toBe("idle");
});

it("ends an interrupted turn when the agent cannot be interrupted", async () => {
  const failing = (): never => {
    throw new Error("boom");
  };
  const { session } = openFake({ interrupt: failing });
  session.post(text("a"));
  await session.interrupt();
  expect(session.info.status).toBe("idle");
});

it("returns from an interrupt within 10 s, and hands over the next message only then", async () => {
  using timers = fakeTimers();
  const stopping = Promise.withResolvers<void>();
  const { session, agent } = openFake({ interrupt: () => stopping.promise });
  session.post(text("a"));
  session.post(text("b"));
  const interrupted = session.interrupt();
  await timers.advance(10_000);
  await interrupted;
  expect(session.info).toMatchObject({ status: "running", queuedMessages: 0 });
  expect(agent.calls).toEqual(["start a", "interrupt"]);
  // The late end is that of the first turn.
  agent.end({ status: "interrupted" });
  expect(session.info.status).toBe("running");
  stopping.resolve();
  await timers.advance(0);
  expect(agent.calls).toEqual(["start a", "interrupt", "start b"]);
  agent.end();
  expect(session.info.status).toBe("idle");
});
