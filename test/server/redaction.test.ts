import { expect, it } from "vitest";
import { Secrets } from "../../src/credentials/secrets.ts";
import { createFakeAgent } from "../support/fake-agent.ts";
import { noSecrets } from "../support/sessions.ts";
import { validatedApp } from "../support/validated-app.ts";

const secrets = new Secrets({ A_KEY: "swordfish" });
const redact = <T>(data: T): T => secrets.redactIn(data);

it("a problem that quotes an agent tells no secret", async () => {
  const agent = createFakeAgent();
  agent.models = async () => {
    throw new Error("swordfish is no key");
  };
  await using app = await validatedApp({ agents: [agent], redact });
  const answer = await app.get(`/v1/agents/${agent.id}/models`);
  expect(answer.json()).toMatchObject({
    status: 502,
    detail: "stream error: [redacted] is no key",
  });
  expect(answer.body).not.toContain("swordfish");
});

it("failures are recorded without secrets, and what an agent says otherwise as it is", async () => {
  const raw = '{ "why":"swordfish" }';
  const error = { code: "auth", message: "swordfish is no key" };
  const agent = createFakeAgent({
    startTurn(session) {
      const item = {
        nativeId: "i",
        kind: "message",
        role: "assistant",
        status: "completed",
      } as const;
      session.say(
        {
          type: "item.completed",
          item: { ...item, content: [{ type: "text", text: "swordfish" }] },
          raw,
        },
        { type: "unparsed", error: "no swordfish", location: "fake", raw: '"swordfish!"' },
        { type: "error", error: { ...error, details: { stderr: ["swordfish"] } }, raw },
        {
          type: "error",
          error: { code: "x", message: "nothing", details: null },
          raw: '{ "a":1 }',
        },
        { type: "turn.ended", outcome: { status: "failed", error }, raw },
        {
          type: "session.ended",
          data: { reason: "error", terminated_by: "agent", message: "swordfish" },
        },
      );
    },
  });
  await using app = await validatedApp({
    agents: [agent],
    sessionsOptions: { secretsOf: () => ({ ...noSecrets, redactIn: redact }) },
  });
  await app.createSession("s");
  await app.post("/v1/sessions/s/messages", { message: "hello" });
  await expect.poll(async () => (await app.get("/v1/sessions/s")).json().status).toBe("ended");
  const { events } = (await app.get("/v1/sessions/s/events?include_raw=true")).json();
  const of = (...types: string[]) =>
    events.filter((event: { type: string }) => types.includes(event.type));
  const said = of("item.started", "item.delta", "item.completed");
  expect(JSON.stringify(said)).toContain("swordfish");
  expect(said.at(-1).raw).toEqual({ why: "swordfish" });
  const failures = of("error", "turn.ended", "session.ended", "agent.unparsed");
  expect(failures).toHaveLength(5);
  expect(JSON.stringify(failures)).not.toContain("swordfish");
  expect(failures).toMatchObject([
    { data: { error: "no [redacted]" }, raw: "[redacted]!" },
    { data: { message: "[redacted] is no key", details: { stderr: ["[redacted]"] } } },
    { raw: { a: 1 } },
    {
      data: { metadata: { error: { message: "[redacted] is no key" } } },
      raw: { why: "[redacted]" },
    },
    { data: { message: "[redacted]" } },
  ]);
  expect((await app.get("/v1/sessions/s")).body).not.toContain("swordfish");
});
