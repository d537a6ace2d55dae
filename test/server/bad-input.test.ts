import { METHODS } from "node:http";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ValidatedApp, validatedApp } from "../support/validated-app.ts";

const json = { "content-type": "application/json" };
const MIB = 1024 * 1024;

interface Route {
  method: "GET" | "POST" | "DELETE";
  url: string;
  /** Bodies that are wrong, and the member that the problem must name. */
  badBodies?: [body: unknown, member: string][];
  badQueries?: [query: string, member: string][];
  limitMiB?: number;
}

const events: Route["badQueries"] = [
  ["offset=-1", "offset"],
  ["offset=1.5", "offset"],
  ["offset=x", "offset"],
  ["offset=", "offset"],
  ["offset=%zz", "offset"],
  ["limit=many", "limit"],
  ["offset=1&offset=2", "offset"],
  ["include_raw=yes", "include_raw"],
  ["includeRaw=1", "includeRaw"],
  ["include_raw=true&includeRaw=true", "includeRaw"],
];

const message: Route["badBodies"] = [
  [{}, "message"],
  [{ message: null }, "message"],
  [{ message: 5 }, "message"],
  [[], "body"],
  ["hello", "body"],
  [null, "body"],
  [{ message: "m", attachments: {} }, "attachments"],
  [{ message: "m", attachments: [{}] }, "attachments.0"],
  [{ message: "m", attachments: [{ path: "/a", data: "aGk=" }] }, "attachments.0"],
  [{ message: "m", attachments: [{ path: "" }] }, "attachments.0.path"],
  [{ message: "m", attachments: [{ path: "file://host/a" }] }, "attachments"],
  [{ message: "m", attachments: [{ path: "/a" }, { data: "aGk=" }] }, "attachments.1.mime"],
  [{ message: "m", attachments: [{ data: "a_b", mime: "text/plain" }] }, "attachments.0.data"],
];

const routes: Route[] = [
  { method: "GET", url: "/v1/agents" },
  {
    method: "POST",
    url: "/v1/agents/mock/install",
    badBodies: [
      [[], "body"],
      [{ reinstall: "yes" }, "reinstall"],
    ],
  },
  { method: "GET", url: "/v1/agents/mock/modes" },
  { method: "GET", url: "/v1/agents/mock/models" },
  { method: "GET", url: "/v1/sessions" },
  {
    method: "POST",
    url: "/v1/sessions/new",
    badBodies: [
      [{}, "agent"],
      [{ agent: null }, "agent"],
      [{ agent: 1 }, "agent"],
      [{ agent: "cursor" }, "cursor"],
      [{ agent: "mock", agentMode: "fly" }, "fly"],
      [{ agent: "mock", agentMode: {} }, "agentMode"],
      [{ agent: "mock", permissionMode: "sudo" }, "sudo"],
      [{ agent: "mock", permissionMode: "__proto__" }, "__proto__"],
      [{ agent: "mock", model: 4 }, "model"],
      [{ agent: "mock", directory: "relative" }, "directory"],
      [{ agent: "mock", directory: "/does/not/exist" }, "directory"],
      [{ agent: "mock", directory: "/nul\0" }, "directory"],
      [{ agent: "mock", env: { A: 1 } }, "env.A"],
      [{ agent: "mock", env: { "A=B": "1" } }, "env"],
      [{ agent: "mock", env: { A: "x\0" } }, "env"],
      [{ agent: "mock", interaction: { timeoutMs: 0 } }, "interaction.timeoutMs"],
      [{ agent: "mock", interaction: { onTimeout: "shrug" } }, "interaction.onTimeout"],
      [{ agent: "mock", mcp: { files: {} } }, "mcp.files.type"],
      [{ agent: "mock", mcp: { files: { type: "local", command: "files" } } }, "mcp"],
      [{ agent: "mock", skills: { sources: [{}] } }, "skills.sources.0.type"],
      [{ agent: "mock", skills: { sources: [{ type: "local", source: "/skills" }] } }, "skills"],
    ],
  },
  { method: "GET", url: "/v1/sessions/s" },
  { method: "DELETE", url: "/v1/sessions/s" },
  { method: "POST", url: "/v1/sessions/s/interrupt" },
  { method: "POST", url: "/v1/sessions/s/terminate" },
  { method: "POST", url: "/v1/sessions/s/messages", badBodies: message, limitMiB: 24 },
  {
    method: "POST",
    url: "/v1/sessions/s/messages/stream",
    badBodies: message,
    badQueries: [["include_raw=maybe", "include_raw"]],
    limitMiB: 24,
  },
  { method: "GET", url: "/v1/sessions/s/events", badQueries: events },
  { method: "GET", url: "/v1/sessions/s/events/sse", badQueries: events },
  {
    method: "POST",
    url: "/v1/sessions/s/questions/q/reply",
    badBodies: [
      [{}, "answers"],
      [{ answers: "Yes" }, "answers"],
      [{ answers: ["Yes"] }, "answers.0"],
      [{ answers: [[1]] }, "answers.0.0"],
      [{ answers: [] }, "unknown question id: q"],
    ],
  },
  { method: "POST", url: "/v1/sessions/s/questions/q/reject" },
  {
    method: "POST",
    url: "/v1/sessions/s/permissions/p/reply",
    badBodies: [
      [{}, "reply"],
      [{ reply: "Once" }, "reply"],
      [{ reply: ["once"] }, "reply"],
      [{ reply: "once" }, "unknown permission id: p"],
    ],
  },
];

const withBody = routes.filter(({ badBodies }) => badBodies);
const ofSession = routes.filter(({ url }) => url.startsWith("/v1/sessions/"));
const title = "$method $url";

let open: ValidatedApp;
let locked: ValidatedApp;
beforeAll(async () => {
  open = await validatedApp();
  locked = await validatedApp({ auth: { token: "secret" } });
  await open.createSession("s");
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await locked[Symbol.asyncDispose]();
});

/** The problem that a request is answered with. */
async function problemOf(request: InjectOptions, app = open) {
  const response = await app.inject(request);
  expect(response.headers["content-type"]).toBe("application/problem+json");
  const problem = response.json();
  expect(problem.status).toBe(response.statusCode);
  const { requestId, ...rest } = problem;
  expect(requestId).toBe(problem.status === 401 ? undefined : response.headers["x-request-id"]);
  return rest;
}

describe("a body of the wrong shape is refused by name and before the session is looked up", () => {
  const cases = withBody.flatMap(({ badBodies = [], ...route }) =>
    badBodies.map(([body, member]) => ({ ...route, member, text: JSON.stringify(body) })),
  );
  test.each(cases)(`${title} $text`, async ({ method, url, text, member }) => {
    const problem = await problemOf({ method, url, payload: text, headers: json });
    expect(problem.status).toBe(400);
    expect(problem.detail).toContain(member);
    if (problem.details?.issues) {
      expect(problem.details.issues[0]).toEqual({ path: member, message: expect.any(String) });
      if (url.includes("/s/") && !member.startsWith("attachments")) {
        const elsewhere = { method, url: url.replace("/s/", "/unknown/") };
        expect(await problemOf({ ...elsewhere, payload: text, headers: json })).toEqual(problem);
      }
    }
  });
});

test.each(withBody)(`a body that is not JSON is refused: ${title}`, async ({ method, url }) => {
  for (const payload of ["", "{", '{"a":}', "nul", "{}x"]) {
    const problem = await problemOf({ method, url, payload, headers: json });
    expect(problem).toMatchObject({ type: "urn:sandbox-agent:error:invalid_request", status: 400 });
  }
  const binary = await problemOf({
    method,
    url,
    payload: Buffer.from([0x22, 0xff, 0x22]),
    headers: json,
  });
  expect(binary.detail).toContain("UTF-8");
});

test.each(withBody)(`a body of another type is refused: ${title}`, async ({ method, url }) => {
  for (const type of [undefined, "text/plain", "application/jsonx", "garbage", ";;", "json"]) {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const problem = await problemOf({ method, url, payload: Buffer.from("{}"), headers });
    expect(problem).toMatchObject({ status: 415, title: "Unsupported Media Type" });
    expect(problem.detail).toContain("application/json");
  }
});

test.each(withBody)(`a body over the limit is refused: ${title}`, async (route) => {
  const { method, url, limitMiB = 2 } = route;
  const limit = limitMiB * MIB;
  const problem = await problemOf({
    method,
    url,
    payload: Buffer.alloc(limit + 1, " "),
    headers: json,
  });
  expect(problem).toMatchObject({ status: 413, detail: expect.stringContaining(String(limit)) });
  const atLimit = await problemOf({
    method,
    url,
    payload: Buffer.alloc(limit, " "),
    headers: json,
  });
  expect(atLimit.status).toBe(400);
});

describe("a query of the wrong shape is refused by name", () => {
  const cases = routes.flatMap(({ badQueries = [], ...route }) =>
    badQueries.map(([query, member]) => ({ ...route, query, member })),
  );
  test.each(cases)(`${title}?$query`, async ({ method, url, query, member }) => {
    const payload = method === "POST" ? { payload: { message: "m" } } : {};
    const problem = await problemOf({ method, url: `${url}?${query}`, ...payload });
    expect(problem).toMatchObject({
      status: 400,
      detail: expect.stringContaining(`invalid request: ${member}: `),
      details: { issues: [{ path: member }] },
    });
  });
});

test.each(ofSession)(
  `a session id that cannot be is refused: ${title}`,
  async ({ method, url }) => {
    for (const id of [
      "x".repeat(257),
      "é".repeat(257),
      "a%2Fb",
      "a%00",
      "%7F",
      "a%0Ab",
      "%C2%85",
    ]) {
      const bad = url.replace(/(?<=sessions\/)[^/]+/, id);
      const problem = await problemOf({ method, url: bad, payload: "not JSON", headers: json });
      expect(problem).toMatchObject({
        status: 400,
        details: { issues: [{ path: "session_id", message: expect.stringContaining("256") }] },
      });
    }
  },
);

test.each(ofSession)(`percent-encoding that is none is refused: ${title}`, async (route) => {
  const { method, url } = route;
  for (const id of ["%", "%zz", "%ff", "%c3%28"]) {
    const bad = url.replace(/(?<=sessions\/)[^/]+/, id);
    expect(await problemOf({ method, url: bad })).toMatchObject({
      status: 400,
      detail: "invalid request: the path is not valid percent-encoded UTF-8",
    });
    expect((await problemOf({ method, url: bad }, locked)).status).toBe(401);
  }
});

test.each(routes)(`a wrong token is refused first: ${title}`, async ({ method, url }) => {
  for (const authorization of [
    undefined,
    "Bearer wrong",
    "Bearer",
    "secret",
    "Basic c2VjcmV0Og==",
  ]) {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await locked.inject({
      method,
      url: `${url}?offset=x`,
      payload: "{",
      headers: { ...json, ...headers },
    });
    expect(response.headers["www-authenticate"]).toBe("Bearer");
    expect(response.json()).toEqual({
      type: "urn:sandbox-agent:error:token_invalid",
      title: "Token Invalid",
      status: 401,
      detail: "token invalid",
      details: { message: "missing or invalid token" },
    });
  }
});

test.each(routes)(`a foreign Host is refused where there is no token: ${title}`, async (route) => {
  const { method, url } = route;
  for (const host of [
    "evil.example",
    "127.0.0.1.evil.example:2468",
    "localhost.evil.example",
    "[::1].evil.example",
  ]) {
    const problem = await problemOf({ method, url, headers: { host } });
    expect(problem).toMatchObject({
      type: "urn:sandbox-agent:error:host_not_allowed",
      status: 403,
    });
    expect(problem.detail).toContain("--allow-host");
  }
});

test.each(routes)(`a foreign Origin may only read: ${title}`, async ({ method, url }) => {
  const refused = method !== "GET" || /\/(?:sse|modes|models|doctor)$/.test(url);
  for (const origin of ["https://evil.example", "null", "http://localhost:1", "x"]) {
    if (!refused) {
      expect((await open.inject({ method, url, headers: { origin } })).statusCode).toBe(200);
      continue;
    }
    const problem = await problemOf({ method, url, headers: { origin } });
    expect(problem.type).toBe("urn:sandbox-agent:error:origin_not_allowed");
    expect(problem.detail).toContain("--cors-allow-origin");
  }
});

/** Methods of Node's parser that no route has. The target of CONNECT is not a route. */
const unused = METHODS.filter(
  (method) => !["GET", "HEAD", "POST", "DELETE", "OPTIONS", "CONNECT"].includes(method),
);

test.each(routes)(
  `another method is answered with those that there are: ${title}`,
  async (route) => {
    const { url } = route;
    for (const method of unused) {
      const response = await open.inject({ method, url, payload: "x" });
      expect(response.statusCode).toBe(405);
      const allowed = routes.filter(
        (other) => other.url.replace("/new", "/s") === url.replace("/new", "/s"),
      );
      for (const { method } of allowed) expect(response.headers.allow).toContain(method);
      expect(response.json().detail).toContain(response.headers.allow);
    }
  },
);

test("an unknown path is not found, and asks for the token under /v1", async () => {
  for (const url of [
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v1/sessions/s/nothing",
    "/v1/sessions/s/x/y/z",
  ]) {
    for (const method of ["GET", "POST", "DELETE"] as const) {
      expect(await problemOf({ method, url })).toMatchObject({ status: 404, title: "Not Found" });
      expect((await problemOf({ method, url }, locked)).status).toBe(401);
    }
  }
  for (const url of ["/nothing", "/opencode", "/%2576"]) {
    expect((await problemOf({ url }, locked)).status).toBe(404);
  }
});

test.each(["interrupt", "terminate", "questions/q/reject"])(
  "a route without a body ignores whatever is sent: %s",
  async (path) => {
    await using app = await validatedApp();
    await app.createSession("s");
    const url = `/v1/sessions/s/${path}`;
    const expected = (await app.post(url)).statusCode;
    for (const type of ["application/json", "text/plain", "garbage", "", "multipart/form-data"]) {
      for (const payload of ["", "{", "x".repeat(3 * MIB)]) {
        const headers = { "content-type": type };
        const response = await app.inject({ method: "POST", url, payload, headers });
        expect(response.statusCode).toBe(expected);
      }
    }
  },
);

test("members that nobody knows, nulls, and __proto__ keys change nothing", async () => {
  await using app = await validatedApp();
  const payload =
    '{"agent":"mock","__proto__":{"agentMode":"fly"},"constructor":1,"model":null,"env":{"__proto__":"x"},' +
    '"mcp":{},"skills":{"sources":[]},"more":[1]}';
  const created = await app.inject({
    method: "POST",
    url: "/v1/sessions/s",
    payload,
    headers: json,
  });
  expect(created.statusCode).toBe(200);
  expect(({} as { agentMode?: string }).agentMode).toBeUndefined();
  const query = "?__proto__=1&unknown=1&unknown=2&constructor=3&offset=0";
  expect((await app.get(`/v1/sessions/s/events${query}`)).json().events).toHaveLength(1);
});

test("a lone surrogate and a message of 1.9 MiB are taken as they are", async () => {
  await using app = await validatedApp();
  await app.createSession("s", { title: "\ud800" });
  expect((await app.get("/v1/sessions/s")).json()).toMatchObject({ title: "\ud800" });
  for (const text of ["\udc00 and \ud800", "é".repeat((1.9 * MIB) / 2)]) {
    const payload = { message: text };
    expect((await app.post("/v1/sessions/s/messages", payload)).statusCode).toBe(204);
  }
  await expect
    .poll(async () => (await app.get("/v1/sessions/s")).json())
    .toMatchObject({ status: "idle", queuedMessages: 0 });
  expect((await app.get("/v1/sessions/s/events?limit=3")).body).toContain("\\udc00 and \\ud800");
});

test("what goes wrong inside is told without what it was", async () => {
  await using app = await validatedApp({
    catalogOptions: {
      hasCredentials: () => {
        throw new Error("sk-secret");
      },
    },
  });
  const response = await app.get("/v1/agents");
  expect(response.json()).toMatchObject({ status: 500, title: "Internal Error" });
  expect(response.body).not.toContain("secret");
});
