import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { validatedApp } from "../support/validated-app.ts";

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

describe("a token is taken", () => {
  const token = "sécret: +/=";
  const bytes = Buffer.from(token).toString("latin1");
  const cases = {
    "as a bearer": `Bearer ${bytes}`,
    "whatever the case of the scheme": `bEARER   ${bytes}  `,
    "as the scheme Token": `token ${bytes}`,
    "as the password of a user": basic(`user:${token}`),
    "as the password of nobody": basic(`:${token}`),
    "in the alphabet for URLs": `basic ${Buffer.from(`:${token}`).toString("base64url")}`,
  };
  test.each(Object.entries(cases))("%s", async (_, authorization) => {
    await using app = await validatedApp({ auth: { token } });
    const response = await app.inject({ url: "/v1/agents", headers: { authorization } });
    expect(response.statusCode).toBe(200);
  });
});

test("a basic value without a colon is the token as a whole", async () => {
  await using app = await validatedApp({ auth: { token: "secret" } });
  const headers = { authorization: basic("secret") };
  expect((await app.inject({ url: "/v1/sessions", headers })).statusCode).toBe(200);
});

test("a token in the query, a part of it, or more than it, is none", async () => {
  await using app = await validatedApp({ auth: { token: "secret" } });
  const authorizations = ["", "Bearer ", "Bearer secre", "Bearer secrets", "Bearer SECRET"];
  for (const authorization of authorizations) {
    const url = "/v1/agents?token=secret&access_token=secret";
    const response = await app.inject({ url, headers: { authorization } });
    expect(response.statusCode).toBe(401);
  }
});

test("banner, health and description ask for no token", async () => {
  await using app = await validatedApp({ auth: { token: "secret" } });
  for (const url of ["/", "/v1/health", "/openapi.json"]) {
    expect((await app.get(url)).statusCode).toBe(200);
  }
  expect((await app.get("/v1/health")).json()).toEqual({ status: "ok" });
  const banner = await app.get("/");
  expect(banner.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(banner.body).toContain("Sandbox Agent");
  expect(banner.body.trimEnd()).toMatch(
    /\n\nSee \/openapi\.json for the description of the API\.$/,
  );
});

test("an encoded path is no way around the token", async () => {
  await using app = await validatedApp({ auth: { token: "secret" } });
  for (const url of ["/%761/agents", "/v1/%61gents", "/v1/sessions?x=/v1/health"]) {
    expect((await app.get(url)).statusCode).toBe(401);
  }
});

test("a loopback name is a Host that may ask", async () => {
  await using app = await validatedApp();
  const hosts = [
    "localhost",
    "LOCALHOST:2468",
    "a.localhost",
    "127.0.0.1:1",
    "127.9.9.9",
    "[::1]:2",
  ];
  for (const host of [...hosts, "[::1]", "localhost."]) {
    const response = await app.inject({ url: "/v1/sessions", headers: { host } });
    expect([host, response.statusCode]).toEqual([host, 200]);
  }
});

test("--allow-host adds names, suffixes and everything", async () => {
  const cases: [string[], string, number][] = [
    [["box.example"], "BOX.example:2468", 200],
    [["box.example"], "a.box.example", 403],
    [[".example.com"], "a.b.example.com", 200],
    [[".example.com"], "example.com", 200],
    [[".example.com"], "badexample.com", 403],
    [["*"], "whatever", 200],
  ];
  for (const [allowedHosts, host, status] of cases) {
    await using app = await validatedApp({ allowedHosts });
    const response = await app.inject({ url: "/v1/sessions", headers: { host } });
    expect([host, response.statusCode]).toEqual([host, status]);
  }
});

test("any Host passes where there is a token, and where the port is open to the network", async () => {
  const headers = { host: "public.example", authorization: "Bearer secret" };
  for (const parts of [
    { auth: { token: "secret" } },
    { bindHost: "0.0.0.0" },
    { bindHost: "::" },
  ]) {
    await using app = await validatedApp(parts);
    expect((await app.inject({ url: "/v1/sessions", headers })).statusCode).toBe(200);
  }
});

test("each way to say loopback is one", async () => {
  for (const bindHost of ["localhost", "127.0.0.2", "::1", "[::1]"]) {
    await using app = await validatedApp({ bindHost });
    const headers = { host: "public.example" };
    expect((await app.inject({ url: "/v1/sessions", headers })).statusCode).toBe(403);
  }
});

test("with a token, or where CORS allows it, a page of another origin may do everything", async () => {
  const origin = "https://page.example";
  const cors = { origins: [origin], credentials: false };
  for (const parts of [{ cors }, { auth: { token: "secret" } }]) {
    await using app = await validatedApp(parts);
    const headers = { origin, authorization: "Bearer secret" };
    const url = "/v1/sessions/s";
    const created = await app.inject({ method: "POST", url, headers, payload: { agent: "mock" } });
    expect(created.statusCode).toBe(200);
  }
});

/** What the server sends to bytes that are not a request, until it closes the connection. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  return await text(socket);
}

test("bytes that are no request are answered with a problem", async () => {
  await using app = await validatedApp();
  await app.app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.app.server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const cases: [string, number][] = [
    ["hello\r\n\r\n", 400],
    [`GET /${"x".repeat(100_000)} HTTP/1.1\r\n\r\n`, 431],
    [`GET /v1/health HTTP/1.1\r\nhost: localhost\r\ncookie: ${"x".repeat(300_000)}\r\n\r\n`, 431],
    ["GET /v1/health HTTP/1.0\r\n\r\n", 403],
    ["GET /v1/health HTTP/1.1\r\nconnection: close\r\n\r\n", 403],
    ["POST /v1/sessions/s HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n", 400],
  ];
  for (const [bytes, status] of cases) {
    const answer = await sendRaw(port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("application/problem+json");
    const problem = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
    expect(problem).toMatchObject({ status, detail: expect.any(String) });
  }
});
