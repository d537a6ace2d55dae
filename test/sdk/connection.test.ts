import { expect, it } from "vitest";
import { SandboxAgent, SandboxAgentError } from "../../src/index.ts";

interface Sent {
  method: string | undefined;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  cache: RequestCache | undefined;
}

/** A client whose requests are written down, and answered with this. */
async function recording(
  answer: () => Response = () => Response.json({}),
  options: { token?: string; headers?: HeadersInit; baseUrl?: string } = {},
) {
  const sent: Sent[] = [];
  const client = await SandboxAgent.connect({
    baseUrl: "http://daemon.example",
    ...options,
    fetch: async (input, init = {}) => {
      const url = input instanceof Request ? input.url : String(input);
      const headers = Object.fromEntries(new Headers(init.headers));
      sent.push({ method: init.method, url, headers, body: init.body, cache: init.cache });
      return answer();
    },
  });
  return { client, sent };
}

it.each<[string, (client: SandboxAgent) => Promise<unknown>, string]>([
  ["getHealth", (c) => c.getHealth(), "GET /v1/health"],
  ["getOpenApi", (c) => c.getOpenApi(), "GET /openapi.json"],
  ["listAgents", (c) => c.listAgents(), "GET /v1/agents"],
  ["installAgent", (c) => c.installAgent("claude"), "POST /v1/agents/claude/install {}"],
  [
    "installAgent",
    (c) => c.installAgent("claude", { reinstall: true }),
    'POST /v1/agents/claude/install {"reinstall":true}',
  ],
  ["getAgentModes", (c) => c.getAgentModes("mock"), "GET /v1/agents/mock/modes"],
  ["getAgentModels", (c) => c.getAgentModels("mock"), "GET /v1/agents/mock/models"],
  [
    "createSession",
    (c) => c.createSession("a/b c?ü", { agent: "mock" }),
    'POST /v1/sessions/a%2Fb%20c%3F%C3%BC {"agent":"mock"}',
  ],
  ["listSessions", (c) => c.listSessions(), "GET /v1/sessions"],
  ["getSession", (c) => c.getSession("s"), "GET /v1/sessions/s"],
  ["deleteSession", (c) => c.deleteSession("s"), "DELETE /v1/sessions/s"],
  ["interruptSession", (c) => c.interruptSession("s"), "POST /v1/sessions/s/interrupt"],
  ["terminateSession", (c) => c.terminateSession("s"), "POST /v1/sessions/s/terminate"],
  [
    "postMessage",
    (c) => c.postMessage("s", { message: "hello" }),
    'POST /v1/sessions/s/messages {"message":"hello"}',
  ],
  [
    "getEvents",
    (c) => c.getEvents("s", { offset: 10, limit: 50 }),
    "GET /v1/sessions/s/events?offset=10&limit=50",
  ],
  [
    "getEvents with members that are not given",
    (c) => c.getEvents("s", { offset: 0, limit: null }),
    "GET /v1/sessions/s/events?offset=0",
  ],
  [
    "getEventsSse",
    (c) => c.getEventsSse("s", { includeRaw: true }),
    "GET /v1/sessions/s/events/sse?includeRaw=true",
  ],
  [
    "postMessageStream",
    (c) => c.postMessageStream("s", { message: "hello" }, { includeRaw: true }),
    'POST /v1/sessions/s/messages/stream?includeRaw=true {"message":"hello"}',
  ],
  [
    "replyQuestion",
    (c) => c.replyQuestion("s", "q/1", { answers: [["Yes"]] }),
    'POST /v1/sessions/s/questions/q%2F1/reply {"answers":[["Yes"]]}',
  ],
  ["rejectQuestion", (c) => c.rejectQuestion("s", "q"), "POST /v1/sessions/s/questions/q/reject"],
  [
    "replyPermission",
    (c) => c.replyPermission("s", "p", { reply: "once" }),
    'POST /v1/sessions/s/permissions/p/reply {"reply":"once"}',
  ],
])("%s asks for what it says", async (name, call, request) => {
  const { client, sent } = await recording(undefined, { token: "secret" });
  await call(client);
  const [{ method, url, headers, body } = { method: "", url: "", headers: {}, body: "" }] = sent;
  const path = url.replace("http://daemon.example", "");
  expect([method, path, ...(typeof body === "string" ? [body] : [])].join(" ")).toBe(request);
  const isStream = /Sse|Stream/.test(name);
  expect(headers).toEqual({
    authorization: "Bearer secret",
    accept: isStream ? "text/event-stream" : "application/json",
    ...(body !== undefined && { "content-type": "application/json" }),
  });
});

it("own headers are sent too, and do not replace those of the client", async () => {
  const headers = { "x-mine": "1", accept: "text/plain", authorization: "Basic mine" };
  const { client, sent } = await recording(undefined, { headers, token: "secret" });
  await client.listAgents();
  expect(sent[0]?.headers).toEqual({
    "x-mine": "1",
    accept: "application/json",
    authorization: "Bearer secret",
  });
  const without = await recording(undefined, { headers });
  await without.client.listAgents();
  expect(without.sent[0]?.headers["authorization"]).toBe("Basic mine");
});

it("one slash at the end of the address is left out, and a path is kept", async () => {
  const { client, sent } = await recording(undefined, { baseUrl: "http://proxy.example/daemon/" });
  expect(client.baseUrl).toBe("http://proxy.example/daemon");
  await client.getHealth();
  expect(sent[0]?.url).toBe("http://proxy.example/daemon/v1/health");
});

it.each([
  ["204", () => new Response(null, { status: 204 })],
  ["an empty body", () => new Response("")],
])("%s is undefined", async (_, answer) => {
  const { client } = await recording(answer);
  expect(await client.getHealth()).toBeUndefined();
  expect(await client.terminateSession("s")).toBeUndefined();
});

const problem = {
  type: "urn:sandbox-agent:error:session_not_found",
  title: "Session Not Found",
  status: 404,
  detail: "session not found: s",
};

it("a problem is a SandboxAgentError with its title, and its body can still be read", async () => {
  const headers = { "x-request-id": "r-1" };
  const { client } = await recording(() => Response.json(problem, { status: 404, headers }));
  const error = await client.getSession("s").catch((error: unknown) => error);
  if (!(error instanceof SandboxAgentError)) throw new Error("it is of no such class");
  expect(error).toMatchObject({
    name: "SandboxAgentError",
    message: "Session Not Found",
    status: 404,
    problem,
    requestId: "r-1",
    cause: "session not found: s",
  });
  expect(await error.response.json()).toEqual(problem);
});

it.each([
  ["no JSON", "<h1>Bad gateway</h1>"],
  ["nothing", ""],
  ["JSON that is no problem", '{"error":"no"}'],
  ["null", "null"],
])("an answer with %s is a SandboxAgentError with the status alone", async (_, body) => {
  const { client } = await recording(() => new Response(body, { status: 502 }));
  const error = await client.getEventsSse("s").catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SandboxAgentError);
  expect(error).toMatchObject({
    message: "Request failed with status 502",
    status: 502,
    problem: undefined,
    requestId: undefined,
  });
});

it("what fetch throws is thrown as it is", async () => {
  const unreachable = new TypeError("fetch failed");
  const client = await SandboxAgent.connect({
    baseUrl: "http://daemon.example",
    fetch: () => Promise.reject(unreachable),
  });
  await expect(client.listAgents()).rejects.toBe(unreachable);
});

it("a given fetch is called as a function, as that of a browser must be", async () => {
  const receivers: unknown[] = [];
  const client = await SandboxAgent.connect({
    baseUrl: "http://daemon.example",
    async fetch(this: unknown) {
      receivers.push(this);
      return Response.json({});
    },
  });
  await client.getHealth();
  expect(receivers).toEqual([undefined]);
});

it("no request may be answered from a cache", async () => {
  const { client, sent } = await recording();
  await client.getHealth();
  await client.getEvents("s");
  expect(sent.map(({ cache }) => cache)).toEqual(["no-store", "no-store"]);
});
