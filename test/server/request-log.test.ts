import { pino } from "pino";
import { expect, test } from "vitest";
import { createFakeAgent } from "../support/fake-agent.ts";
import { listeningApp, openResponse } from "../support/listening-app.ts";

test("a request is logged by method, path, status and duration, and by nothing else", async () => {
  const lines: string[] = [];
  const logger = pino({ level: "trace" }, { write: (line: string) => lines.push(line) });
  const failing = createFakeAgent({
    startTurn() {
      throw new Error("s3cret");
    },
  });
  const app = await listeningApp({ agents: [failing], logger, auth: { token: "s3cret" } });
  const headers = { authorization: "Bearer s3cret", "x-key": "s3cret", cookie: "s3cret" };
  const send = (method: string, path: string, body?: unknown) =>
    fetch(app.url + path, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  await send("POST", "/v1/sessions/s", { agent: "mock", env: { KEY: "s3cret" } });
  await send("POST", "/v1/sessions/s/messages", { message: "s3cret" });
  await send("GET", "/v1/sessions/s/events?token=s3cret&offset=s3cret");
  await send("GET", "/v1/sessions/%zz?s3cret");
  await send("POST", "/nothing?s3cret", { s3cret: 1 });
  const stream = await openResponse(`${app.url}/v1/sessions/s/events/sse?s3cret=1`, headers);
  stream.destroy();
  const logged = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  await expect.poll(() => logged().at(-1)?.path).toBe("/v1/sessions/s/events/sse");
  await app[Symbol.asyncDispose]();
  expect(lines.join("")).not.toContain("s3cret");
  const requests = logged();
  expect(requests.map(({ method, path, status }) => [method, path, status])).toEqual([
    ["POST", "/v1/sessions/s", 200],
    ["POST", "/v1/sessions/s/messages", 204],
    ["GET", "/v1/sessions/s/events", 400],
    ["GET", "/v1/sessions/%zz", 400],
    ["POST", "/nothing", 404],
    ["GET", "/v1/sessions/s/events/sse", 200],
  ]);
  const known = [
    "requestId",
    "level",
    "time",
    "pid",
    "hostname",
    "msg",
    "method",
    "path",
    "status",
    "durationMs",
  ];
  for (const request of requests) expect(Object.keys(request).sort()).toEqual([...known].sort());
});
