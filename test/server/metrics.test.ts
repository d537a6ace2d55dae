import { expect, it } from "vitest";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { Metrics } from "../../src/server/metrics.ts";
import { createSessions } from "../support/sessions.ts";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import { openResponse, listeningApp } from "../support/listening-app.ts";
import { validatedApp, type ValidatedApp } from "../support/validated-app.ts";

const turn = { seconds: 1.5, inputTokens: 10, outputTokens: 2, costUsd: 0.5 };

/** The samples that are read, by what stands before their number. */
async function samples(app: ValidatedApp): Promise<Map<string, number>> {
  const answer = await app.get("/metrics");
  expect(answer.statusCode).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = answer.body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line): [string, number] => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

it("tells sessions, what waits in them, and the events that were recorded, deleted ones too", async () => {
  await using app = await validatedApp();
  for (const id of ["a", "b", "gone"]) await app.createSession(id);
  await app.post("/v1/sessions/a/messages/stream", { message: "permission" });
  await app.post("/v1/sessions/a/messages", { message: "later" });
  // The stream of a turn ends with its first request.
  await expect.poll(() => app.sessions.peek("a").info.pendingPermissions).toHaveLength(2);
  await app.post("/v1/sessions/b/terminate");
  await app.inject({ method: "DELETE", url: "/v1/sessions/gone" });
  const kept = app.sessions.list().reduce((sum, { log }) => sum + log.lastSequence, 0);
  const found = await samples(app);
  expect(found.get('sandbox_agent_sessions{agent="mock",status="running"}')).toBe(1);
  expect(found.get('sandbox_agent_sessions{agent="mock",status="ended"}')).toBe(1);
  expect(found.get('sandbox_agent_pending_requests{kind="permission"}')).toBe(2);
  expect(found.get('sandbox_agent_pending_requests{kind="question"}')).toBe(0);
  expect(found.get("sandbox_agent_queued_messages")).toBe(1);
  // The deleted session has begun and ended.
  expect(found.get("sandbox_agent_events_total")).toBe(kept + 2);
  expect(found.get("sandbox_agent_event_buffer_bytes")).toBeGreaterThan(0);
  expect(found.get("process_resident_memory_bytes")).toBeGreaterThan(0);
});

it("tells requests by their route, never by the path that was asked for", async () => {
  await using app = await validatedApp();
  await app.createSession("secret-id");
  await app.get("/v1/sessions/secret-id");
  await app.app.inject({ url: "/nothing/here", headers: { host: "localhost" } });
  const found = await samples(app);
  const count = "sandbox_agent_http_request_duration_seconds_count";
  const path = "/v1/sessions/{session_id}";
  expect(found.get(`${count}{method="GET",route="${path}",status="200"}`)).toBe(1);
  expect(found.get(`${count}{method="POST",route="${path}",status="200"}`)).toBe(1);
  expect(found.get(`${count}{method="GET",route="none",status="404"}`)).toBe(1);
  expect([...found.keys()].join("\n")).not.toMatch(/secret-id|nothing/);
});

it("tells how turns ended, what they took and what they cost", async () => {
  const metrics = new Metrics();
  metrics.turnEnded({ ...turn, agent: "claude", status: "completed" });
  metrics.turnEnded({ ...turn, agent: "claude", status: "failed", code: "auth" });
  await using app = await validatedApp({ metrics });
  const found = await samples(app);
  const ended = "sandbox_agent_turn_duration_seconds";
  expect(found.get(`${ended}_count{agent="claude",status="completed"}`)).toBe(1);
  expect(found.get(`${ended}_sum{agent="claude",status="failed"}`)).toBe(1.5);
  expect(found.get('sandbox_agent_turn_failures_total{agent="claude",code="auth"}')).toBe(1);
  expect(found.get('sandbox_agent_tokens_total{agent="claude",direction="input"}')).toBe(20);
  expect(found.get('sandbox_agent_cost_usd_total{agent="claude"}')).toBe(1);
});

it("is told of each turn that ends in a session", async () => {
  const ended: unknown[] = [];
  const sessions = createSessions([createMockAgent({ pauseMs: 0 })], {
    onTurnEnded: (agent, { status }) => ended.push([agent, status]),
  });
  await using app = await validatedApp({ sessions });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages/stream", { message: "hello" });
  await app.post("/v1/sessions/s/messages/stream", { message: "permission" });
  await app.post("/v1/sessions/s/terminate");
  expect(ended).toEqual([
    ["mock", "completed"],
    ["mock", "interrupted"],
  ]);
});

it("counts the event streams that are open", async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  const stream = await openResponse(`${app.url}/v1/sessions/s/events/sse`);
  expect((await samples(app)).get("sandbox_agent_event_streams")).toBe(1);
  stream.destroy();
  await expect.poll(async () => (await samples(app)).get("sandbox_agent_event_streams")).toBe(0);
});

it("loses nothing that was observed before it was asked for the first time", async () => {
  const metrics = new Metrics();
  const many = 2_500;
  for (let n = 0; n < many; n++) {
    metrics.requestEnded({ method: "GET", route: "/", status: 200, seconds: 0.01 });
  }
  const text = await (
    await metrics.open()
  ).read({
    sessions: createSessions([createMockAgent()]),
    openStreams: 0,
    streamLimit: 1,
    connections: 0,
    connectionLimit: 2,
    requestsInFlight: 0,
    processes: new Map(),
    restarts: new Map(),
    droppedLogLines: 3,
    version: "1",
  });
  expect(text).toContain(`_count{method="GET",route="/",status="200"} ${many}`);
  expect(text).toContain("sandbox_agent_log_lines_dropped_total 3");
});

it("asks for the token", async () => {
  await using app = await validatedApp({ auth: { token: "t" } });
  expect((await app.get("/metrics")).statusCode).toBe(401);
  const headers = { authorization: "Bearer t" };
  expect((await app.inject({ url: "/metrics", headers })).statusCode).toBe(200);
});

it("tells what runs, the turns that have begun, and the requests that are being answered", async () => {
  const metrics = new Metrics();
  const sessions = createSessions([createMockAgent({ pauseMs: 0 })], {
    onTurnStarted: (agent) => metrics.turnStarted(agent),
  });
  await using app = await listeningApp({ metrics, sessions });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages/stream", { message: "hello" });
  const stream = await openResponse(`${app.url}/v1/sessions/s/events/sse`);
  const found = await samples(app);
  const runtime = `runtime="node",runtime_version="${process.versions.node}"`;
  expect(found.get(`sandbox_agent_build_info{version="0.0.0-test",${runtime}}`)).toBe(1);
  expect(found.get('sandbox_agent_turns_started_total{agent="mock"}')).toBe(1);
  // The stream and the scrape.
  expect(found.get("sandbox_agent_http_requests_in_flight")).toBe(2);
  stream.destroy();
  const inFlight = async () => (await samples(app)).get("sandbox_agent_http_requests_in_flight");
  await expect.poll(inFlight).toBe(1);
});

it("tells the events that were dropped to keep the budget", async () => {
  const buffer = new EventBuffer(64 * 1024);
  await using app = await validatedApp({ sessionsOptions: { buffer } });
  await app.createSession("s");
  while (app.sessions.peek("s").log.firstSequence === 1) {
    await app.post("/v1/sessions/s/messages/stream", { message: "hello ".repeat(500) });
  }
  const found = await samples(app);
  const { firstSequence } = app.sessions.peek("s").log;
  expect(found.get("sandbox_agent_events_dropped_total")).toBe(firstSequence - 1);
  expect(found.get("sandbox_agent_event_bytes_dropped_total")).toBeGreaterThan(1000);
});

it("tells installs by how they ended, and few codes of errors", async () => {
  const metrics = new Metrics();
  metrics.installEnded({ agent: "codex", outcome: "installed", seconds: 3 });
  metrics.installEnded({ agent: "codex", outcome: "failed", seconds: 1 });
  for (let n = 0; n < 60; n++) {
    metrics.turnEnded({ ...turn, agent: "claude", status: "failed", code: `code_${n}` });
  }
  metrics.turnEnded({ ...turn, agent: "claude", status: "failed", code: "a key: s3cret" });
  await using app = await validatedApp({ metrics });
  const found = await samples(app);
  const installs = "sandbox_agent_install_duration_seconds";
  expect(found.get(`${installs}_count{agent="codex",outcome="installed"}`)).toBe(1);
  expect(found.get(`${installs}_sum{agent="codex",outcome="failed"}`)).toBe(1);
  const codes = [...found.keys()].filter((name) => name.includes("turn_failures_total"));
  expect(codes).toHaveLength(51);
  expect(found.get('sandbox_agent_turn_failures_total{agent="claude",code="other"}')).toBe(11);
});
