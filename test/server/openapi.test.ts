import { readFile } from "node:fs/promises";
import { type OpenApi, renderOpenApiTypes } from "../../scripts/openapi-types.ts";
import { expect, test } from "vitest";
import { sessionPath } from "../../src/server/path-params.ts";
import { loadRoutes } from "../../src/server/route-table.ts";
import { version } from "../../src/version.ts";
import { validatedApp } from "../support/validated-app.ts";

const committed = new URL("../../docs/openapi.json", import.meta.url);

test("docs/openapi.json is what the server says (else run scripts/openapi.ts)", async () => {
  await using app = await validatedApp({ version });
  const { body } = await app.get("/openapi.json");
  expect(JSON.parse(await readFile(committed, "utf8"))).toEqual(JSON.parse(body));
});

test("the types of the SDK are those of the document (else run scripts/openapi.ts)", async () => {
  const document = JSON.parse(await readFile(committed, "utf8")) as OpenApi;
  const types = new URL("../../src/sdk/openapi-types.ts", import.meta.url);
  expect(await readFile(types, "utf8")).toBe(await renderOpenApiTypes(document));
});

test("the document has every route of the reference and ours, under their tags", async () => {
  await using app = await validatedApp();
  const { openapi, servers, paths } = (await app.get("/openapi.json")).json();
  expect(openapi).toBe("3.1.0");
  expect(servers).toEqual([{ url: "http://localhost:2468" }]);
  const session = "/v1/sessions/{session_id}";
  const expected = {
    "/": ["get"],
    "/openapi.json": ["get"],
    "/v1/health": ["get"],
    "/metrics": ["get"],
    "/v1/agents": ["get"],
    "/v1/agents/{agent}/install": ["post"],
    "/v1/agents/{agent}/modes": ["get"],
    "/v1/agents/{agent}/models": ["get"],
    "/v1/agents/{agent}/doctor": ["get"],
    "/v1/sessions": ["get"],
    [session]: ["post", "get", "delete"],
    [`${session}/interrupt`]: ["post"],
    [`${session}/terminate`]: ["post"],
    [`${session}/messages`]: ["post"],
    [`${session}/messages/stream`]: ["post"],
    [`${session}/events`]: ["get"],
    [`${session}/events/sse`]: ["get"],
    [`${session}/images`]: ["get"],
    [`${session}/questions/{question_id}/reply`]: ["post"],
    [`${session}/questions/{question_id}/reject`]: ["post"],
    [`${session}/permissions/{permission_id}/reply`]: ["post"],
  };
  const found = Object.fromEntries(
    Object.entries<object>(paths).map(([path, methods]) => [path, Object.keys(methods)]),
  );
  expect(found).toEqual(expected);
});

test("the table of routes says which of them look at a body", async () => {
  for (const { id, takesBody, body } of await loadRoutes()) {
    expect([id, takesBody ?? false]).toEqual([id, body !== undefined]);
  }
});

test("what the daemon may leave out of an answer is not required, and what it always says is", async () => {
  await using app = await validatedApp();
  const { schemas } = (await app.get("/openapi.json")).json().components;
  expect(schemas.ProblemDetails.required).toEqual(["type", "title", "status", "detail"]);
  expect(schemas.CreateSessionRequest.required).toEqual(["agent"]);
  expect(schemas.SessionInfo.required).not.toContain("lastError");
  expect(schemas.SessionInfo.required).toContain("status");
});

test("every pattern means the same in JavaScript, Python, Go and Java", async () => {
  const document = JSON.stringify(JSON.parse(await readFile(committed, "utf8")));
  const patterns = new Set(document.match(/(?<="pattern":)"(?:[^"\\]|\\.)*"/g));
  expect(patterns.size).toBeGreaterThan(1);
  // Flags, classes of Unicode and escapes of four digits differ between the dialects.
  for (const pattern of patterns) {
    expect(JSON.parse(pattern)).toMatch(/^\^(?:[^\\]|\\x[0-9a-f]{2})*\$$/);
  }
});

test("the pattern of session ids accepts what the server accepts", async () => {
  const { pattern } = sessionPath.shape.session_id.meta() ?? {};
  for (const id of ["demo", "ä b%2F", "\u{1f600}".repeat(256), "x".repeat(256)]) {
    expect(new RegExp(String(pattern)).test(id), id).toBe(true);
    expect(sessionPath.safeParse({ session_id: id }).success, id).toBe(true);
  }
  for (const id of ["a/b", "a\u0000", "a\u007f", "a\u009f", ""]) {
    expect(new RegExp(String(pattern)).test(id), id).toBe(false);
    expect(sessionPath.safeParse({ session_id: id }).success, id).toBe(false);
  }
  expect(sessionPath.safeParse({ session_id: "\u{1f600}".repeat(257) }).success).toBe(false);
});
