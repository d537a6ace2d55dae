import { expect, test } from "vitest";
import { validatedApp } from "../support/validated-app.ts";

const origin = "http://example.com";
const vary = "origin, access-control-request-method, access-control-request-headers";
const preflight = {
  origin,
  "access-control-request-method": "DELETE",
  "access-control-request-headers": "authorization,x-mine",
};

test("what is configured is told to a preflight, and each answer names the origin", async () => {
  const methods = ["GET", "POST"];
  const headers = ["content-type", "authorization"];
  const cors = { origins: [origin, "http://other.example"], methods, headers, credentials: false };
  await using app = await validatedApp({ cors, auth: { token: "t" } });
  const answer = await app.inject({ method: "OPTIONS", url: "/v1/agents", headers: preflight });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe("");
  expect(answer.headers).toMatchObject({
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET,POST",
    "access-control-allow-headers": "content-type,authorization",
    allow: "GET,HEAD",
    vary,
  });
  for (const url of ["/v1/agents", "/", "/nothing", "/%"]) {
    const { headers } = await app.inject({ url, headers: { origin } });
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "x-request-id,x-turn-id",
      vary,
    });
  }
});

test("without configuration no origin is allowed, and the requested headers are echoed", async () => {
  await using app = await validatedApp();
  const answer = await app.inject({ method: "OPTIONS", url: "/v1/agents", headers: preflight });
  expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  expect(answer.headers).toMatchObject({
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "authorization,x-mine",
    vary,
  });
  expect((await app.get("/v1/health")).headers.vary).toBe(vary);
});

test("an origin that is not configured is not named", async () => {
  await using app = await validatedApp({ cors: { origins: [origin], credentials: true } });
  for (const other of ["http://example.com:80", "http://example.com.evil.example", "null"]) {
    const { headers } = await app.inject({ url: "/v1/agents", headers: { origin: other } });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
  }
});

test("* allows every origin without naming it", async () => {
  await using app = await validatedApp({ cors: { origins: ["*"], credentials: false } });
  const request = { method: "POST", url: "/v1/sessions/s", payload: { agent: "mock" } } as const;
  const created = await app.inject({ ...request, headers: { origin: "null" } });
  expect(created.statusCode).toBe(200);
  expect(created.headers["access-control-allow-origin"]).toBe("*");
});

test("with credentials nothing is answered with a *, which would be a name like any other", async () => {
  await using app = await validatedApp({ cors: { origins: [origin], credentials: true } });
  const answer = await app.inject({ method: "OPTIONS", url: "/v1/agents", headers: preflight });
  expect(answer.headers).toMatchObject({
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "DELETE",
    "access-control-allow-headers": "authorization,x-mine",
  });
});

test("credentials for every origin are refused before the server starts", async () => {
  const app = validatedApp({ cors: { origins: ["*"], credentials: true } });
  await expect(app).rejects.toThrow("--cors-allow-credentials");
});

test("every OPTIONS request is answered with 200", async () => {
  await using app = await validatedApp({ auth: { token: "t" } });
  for (const url of ["/", "/nothing", "/v1/sessions/s/messages", "/v1/sessions/%zz", "*"]) {
    const answer = await app.inject({ method: "OPTIONS", url, headers: { host: "evil.example" } });
    expect([url, answer.statusCode, answer.body]).toEqual([url, 200, ""]);
  }
});
