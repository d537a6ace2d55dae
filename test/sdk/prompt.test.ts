import { expect, it } from "vitest";
import { SandboxAgent, SandboxAgentError } from "../../src/index.ts";
import { listeningApp } from "../support/listening-app.ts";
import { collectAll } from "../support/sse.ts";

async function connected(url: string) {
  return SandboxAgent.connect({ baseUrl: url });
}

it("a prompt gives the events of its turn and says how that ended", async () => {
  await using app = await listeningApp();
  const client = await connected(app.url);
  const session = await client.openSession({ agent: "mock" });
  await session.send({ message: "first" });
  const events = session.prompt("hello");
  const types: string[] = [];
  let step = await events.next();
  for (; !step.done; step = await events.next()) types.push(step.value.type);
  expect(types[0]).toBe("turn.started");
  expect(types.at(-1)).toBe("turn.ended");
  expect(types.filter((type) => type.startsWith("turn."))).toHaveLength(2);
  expect(step.value).toMatchObject({ status: "completed" });
});

it("permissions and questions are answered by the callbacks", async () => {
  await using app = await listeningApp();
  const session = await (await connected(app.url)).openSession({ agent: "mock" });
  const events = await collectAll(
    session.prompt("permission", {
      onPermission: ({ action }) => (action === "command_execution" ? "once" : "reject"),
    }),
  );
  expect(
    events.flatMap((event) => (event.type === "permission.resolved" ? [event.data.status] : [])),
  ).toEqual(expect.arrayContaining(["accept", "reject"]));
  const answered = await collectAll(
    session.prompt("question", {
      onQuestion: ({ options }) => (options.length > 0 ? [[options[0] ?? ""]] : null),
    }),
  );
  expect(answered.at(-1)?.type).toBe("turn.ended");
  expect(
    answered.flatMap((event) => (event.type === "question.resolved" ? [event.data.status] : [])),
  ).toContain("answered");
});

it("a callback that throws ends the prompt with its error", async () => {
  await using app = await listeningApp();
  const session = await (await connected(app.url)).openSession({ agent: "mock" });
  const refused = new Error("nobody is at home");
  const events = session.prompt("permission", {
    onPermission: () => {
      throw refused;
    },
  });
  await expect(collectAll(events)).rejects.toBe(refused);
});

it("an answer of a wrong shape ends the prompt with what the daemon says of it", async () => {
  await using app = await listeningApp();
  const session = await (await connected(app.url)).openSession({ agent: "mock" });
  const wrong = JSON.parse('{"not": "a list"}');
  const error = await collectAll(session.prompt("question", { onQuestion: () => wrong })).catch(
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SandboxAgentError);
  expect(error).toMatchObject({
    status: 400,
    message: "Invalid Request",
    problem: { details: { issues: [{ path: "answers" }] } },
  });
});

it("aborting interrupts the turn", async () => {
  await using app = await listeningApp();
  const session = await (await connected(app.url)).openSession({ agent: "mock" });
  const stop = new AbortController();
  const events = session.prompt("permission", { signal: stop.signal });
  await expect(
    (async () => {
      for await (const { type } of events) if (type === "permission.requested") stop.abort();
    })(),
  ).rejects.toThrow(/abort/i);
  expect(await session.info()).toMatchObject({ status: "idle", pendingPermissions: [] });
});

it("aborting before the first event has come interrupts the turn too", async () => {
  await using app = await listeningApp();
  const stop = new AbortController();
  const client = await SandboxAgent.connect({
    baseUrl: app.url,
    async fetch(input, init) {
      const isStream = !(input instanceof Request) && String(input).includes("/events/sse");
      if (isStream) stop.abort();
      return fetch(input, init);
    },
  });
  const session = await client.openSession({ agent: "mock" });
  const events = session.prompt("permission", { signal: stop.signal });
  await expect(collectAll(events)).rejects.toThrow(/abort/i);
  await expect.poll(async () => (await session.info()).status).toBe("idle");
  expect((await session.info()).pendingPermissions).toEqual([]);
});

it("aborting while the message waits for its turn leaves the turn before it alone", async () => {
  await using app = await listeningApp();
  const session = await (await connected(app.url)).openSession({ agent: "mock" });
  await session.send({ message: "permission" });
  const stop = new AbortController();
  const events = collectAll(session.prompt("hello", { signal: stop.signal }));
  await expect.poll(async () => (await session.info()).queuedMessages).toBe(1);
  stop.abort();
  await expect(events).rejects.toThrow(/abort/i);
  expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
});
