import { expect, it, vi } from "vitest";
import { RequestLog } from "../../src/inspector/requests/request-log.ts";

const base = "http://127.0.0.1:2468";
const json = { headers: { accept: "application/json" } };

it("requests are listed newest first, with their answers, and the same question is one entry", async () => {
  const answers = [200, 200, 204, 200];
  vi.stubGlobal("fetch", async () => {
    const status = answers.shift() ?? 200;
    return new Response(status === 204 ? null : "{}", { status });
  });
  const log = new RequestLog();
  const ask = log.recording(base);
  await ask(`${base}/v1/sessions`, json);
  await ask(`${base}/v1/agents`, json);
  await ask(`${base}/v1/sessions/one`, { method: "POST", body: "{}" });
  await ask(`${base}/v1/sessions`, json);
  expect(
    log.entries.value.map(({ method, path, status, times }) => [method, path, status, times]),
  ).toEqual([
    ["GET", "/v1/sessions", 200, 2],
    ["POST", "/v1/sessions/one", 204, 1],
    ["GET", "/v1/agents", 200, 1],
  ]);
  log.clear();
  expect(log.entries.value).toEqual([]);
  vi.unstubAllGlobals();
});

it("a request that was not answered tells why, and only the newest are kept", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  const log = new RequestLog();
  const ask = log.recording(base);
  for (let i = 0; i < 210; i++) {
    await expect(ask(`${base}/v1/sessions/${i}`, json)).rejects.toThrow("Failed to fetch");
  }
  expect(log.entries.value).toHaveLength(200);
  expect(log.entries.value[0]).toMatchObject({
    path: "/v1/sessions/209",
    failure: "Failed to fetch",
  });
  vi.unstubAllGlobals();
});
