import { once } from "node:events";
import { connect } from "node:net";
import { pino } from "pino";
import { expect, it } from "vitest";
import { SandboxAgent, SandboxAgentError } from "../../src/index.ts";
import { createFakeAgent } from "../support/fake-agent.ts";
import { listeningApp, openResponse } from "../support/listening-app.ts";
import { validatedApp } from "../support/validated-app.ts";

const OURS = /^[0-9a-f]{12}-[0-9a-z]+$/;
const headers = (id: string) => ({ "x-request-id": id });

/** A logger and what it has written. */
function recordingLogger() {
  const lines: string[] = [];
  const logger = pino({ level: "trace" }, { write: (line: string) => lines.push(line) });
  const written = () => lines.map((line): Record<string, unknown> => JSON.parse(line));
  return { logger, written };
}

it("each answer carries an id of its own", async () => {
  await using app = await validatedApp();
  await app.createSession("s");
  const answers = [
    await app.get("/"),
    await app.get("/v1/health"),
    await app.get("/v1/sessions"),
    await app.get("/v1/sessions/s/events"),
    await app.post("/v1/sessions/s/messages", { message: "hello" }),
    await app.get("/v1/sessions/nobody"),
    await app.get("/nothing"),
    await app.get("/ui/"),
    await app.get("/%"),
    await app.post("/v1/health"),
    await app.inject({ method: "OPTIONS", url: "/v1/agents" }),
    await app.inject({ url: "/v1/agents", headers: { host: "evil.example" } }),
  ];
  const ids = answers.map((answer) => answer.headers["x-request-id"]);
  for (const id of ids) expect(id).toMatch(OURS);
  expect(new Set(ids).size).toBe(answers.length);
});

it.each([
  "a",
  "4bf92f3577b34da6a3ce929d0e0e4736",
  "Root=1-67891233-abc/def+g:h_i.j",
  "x".repeat(128),
])("the client's own id is taken: %s", async (id) => {
  await using app = await validatedApp();
  const answer = await app.inject({ url: "/v1/sessions/nobody", headers: headers(id) });
  expect(answer.headers["x-request-id"]).toBe(id);
  expect(answer.json()).toMatchObject({ requestId: id });
});

it.each([
  ["empty", ""],
  ["too long", "x".repeat(129)],
  ["not safe in a log", 'a"b'],
  ["markup", "<b>"],
  ["several words", "a b"],
  ["not ASCII", "ä"],
])("an id that is %s is replaced by one of ours", async (_, id) => {
  await using app = await validatedApp();
  const answer = await app.inject({ url: "/v1/health", headers: headers(id) });
  expect(answer.headers["x-request-id"]).toMatch(OURS);
});

it("a problem carries the id, but the one for a wrong token is what it always was", async () => {
  await using app = await validatedApp({ auth: { token: "t" } });
  const given = { ...headers("mine"), authorization: "Bearer t" };
  const missing = await app.inject({ url: "/v1/sessions/nobody", headers: given });
  expect(missing.json()).toMatchObject({ status: 404, requestId: "mine" });
  const refused = await app.inject({ url: "/v1/agents", headers: headers("mine") });
  expect(refused.headers["x-request-id"]).toBe("mine");
  expect(refused.body).toBe(
    '{"type":"urn:sandbox-agent:error:token_invalid","title":"Token Invalid","status":401,' +
      '"detail":"token invalid","details":{"message":"missing or invalid token"}}',
  );
});

it("the lines that the log has of a request tell its id, and a fault tells it to both", async () => {
  const { logger, written } = recordingLogger();
  const broken = createFakeAgent();
  const catalogOptions = { hasCredentials: () => Promise.reject(new Error("broken")) } as never;
  await using app = await listeningApp({ agents: [broken], catalogOptions, logger });
  const answer = await fetch(`${app.url}/v1/agents`, { headers: headers("faulty") });
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ status: 500, requestId: "faulty" });
  await expect
    .poll(() => written().filter(({ requestId }) => requestId === "faulty"))
    .toMatchObject([
      { level: 50, msg: "a request failed by a fault of the daemon" },
      { level: 50, msg: "request", path: "/v1/agents", status: 500 },
    ]);
});

it("an event stream carries it too", async () => {
  await using app = await listeningApp();
  await app.createSession("s");
  const stream = await openResponse(`${app.url}/v1/sessions/s/events/sse`, headers("stream"));
  expect(stream.headers["x-request-id"]).toBe("stream");
  stream.destroy();
});

it("what is no HTTP request is answered with one of ours, which the log tells", async () => {
  const { logger, written } = recordingLogger();
  await using app = await listeningApp({ logger });
  const { port } = new URL(app.url);
  const socket = connect({ host: "127.0.0.1", port: Number(port) }).setEncoding("utf8");
  socket.end("nonsense\r\n\r\n");
  let answer = "";
  socket.on("data", (text: string) => (answer += text));
  await once(socket, "close");
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const [, id] = /^x-request-id: (.*)$/m.exec(head) ?? [];
  expect(id).toMatch(OURS);
  expect(JSON.parse(body)).toMatchObject({ status: 400, requestId: id });
  expect(written()).toContainEqual(
    expect.objectContaining({ requestId: id, code: "HPE_INVALID_METHOD" }),
  );
});

it("the SDK's error tells it, and sends the one that it was given", async () => {
  await using app = await listeningApp();
  const client = await SandboxAgent.connect({ baseUrl: app.url, headers: headers("of-the-sdk") });
  const error = await client.getSession("nobody").catch((cause: unknown) => cause);
  if (!(error instanceof SandboxAgentError)) throw new Error("it is of no such class");
  expect(error).toMatchObject({ requestId: "of-the-sdk", problem: { requestId: "of-the-sdk" } });
});

it.each([
  ["/v1/health", {}, 20],
  ["/metrics", { authorization: "Bearer t" }, 20],
  ["/v1/sessions", { authorization: "Bearer t" }, 30],
  ["/v1/sessions/nobody", { authorization: "Bearer t" }, 30],
  ["/v1/sessions", {}, 40],
  ["/metrics", {}, 40],
])("a request of %s with %j is logged on level %i", async (path, given, level) => {
  const { logger, written } = recordingLogger();
  await using app = await listeningApp({ logger, auth: { token: "t" } });
  const answer = await fetch(app.url + path, { headers: { ...given, ...headers("it") } });
  await answer.text();
  await expect
    .poll(() => written().filter(({ requestId }) => requestId === "it"))
    .toMatchObject([{ level, msg: "request" }]);
});
