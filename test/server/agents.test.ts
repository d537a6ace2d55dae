import { expect, test } from "vitest";
import type { Agent } from "../../src/agents/agent.ts";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import type { AgentCatalogOptions } from "../../src/server/agent-catalog.ts";
import { testRecipe } from "../support/test-agent.ts";
import { validatedApp } from "../support/validated-app.ts";

const mock = createMockAgent();
/** An agent that has to be installed. */
const claude: Agent = { ...mock, id: "claude", recipe: testRecipe };

test("the list tells of each agent whether it is there, and of the mock that it is built in", async () => {
  await using app = await validatedApp({
    agents: [claude, mock],
    catalogOptions: {
      installer: {
        find: async () => ({ path: "/opt/claude", version: "2.0.1" }),
        install: async () => undefined,
        progress: (id) =>
          id === "claude" ? { phase: "downloading", receivedBytes: 5, totalBytes: 10 } : undefined,
      },
      hasCredentials: async ({ id }) => id === "mock",
    },
  });
  const { agents } = (await app.get("/v1/agents")).json();
  expect(agents).toMatchObject([
    {
      id: "claude",
      installed: true,
      credentialsAvailable: false,
      path: "/opt/claude",
      version: "2.0.1",
      install: { phase: "downloading", receivedBytes: 5, totalBytes: 10 },
    },
    { id: "mock", installed: true, credentialsAvailable: true, version: "builtin" },
  ]);
  expect(agents[1]).not.toHaveProperty("path");
  expect(Object.keys(agents[1].capabilities)).toHaveLength(18);
});

test("an agent that cannot be looked for does not hold up the others", async () => {
  const finds: Record<string, () => Promise<undefined>> = {
    claude: () => Promise.withResolvers<undefined>().promise,
    codex: async () => {
      throw new Error("EACCES");
    },
  };
  await using app = await validatedApp({
    agents: [claude, { ...claude, id: "codex" }, mock],
    catalogOptions: {
      installer: {
        find: async (id) => finds[id]?.(),
        install: async () => undefined,
        progress: () => undefined,
      },
      findMs: 50,
    },
  });
  const { agents } = (await app.get("/v1/agents")).json();
  expect(agents.map(({ installed }: { installed: boolean }) => installed)).toEqual([
    false,
    false,
    true,
  ]);
});

test("an agent that is looked for in vain this time is told as it was found last", async () => {
  const answers = [Promise.resolve({ path: "/opt/claude", version: "2.0.1" })];
  await using app = await validatedApp({
    agents: [claude, mock],
    catalogOptions: {
      installer: {
        find: async () => await (answers.pop() ?? Promise.withResolvers<undefined>().promise),
        install: async () => undefined,
        progress: () => undefined,
      },
    },
  });
  for (let n = 0; n < 2; n++) {
    const { agents } = (await app.get("/v1/agents")).json();
    expect(agents[0]).toMatchObject({ installed: true, path: "/opt/claude", version: "2.0.1" });
  }
});

test("an install is handed on and waited for; that of the mock has nothing to do", async () => {
  const calls: unknown[] = [];
  await using app = await validatedApp({
    agents: [claude, mock],
    catalogOptions: {
      installer: {
        find: async () => undefined,
        install: async (...args) => calls.push(args),
        progress: () => undefined,
      },
    },
  });
  const install = (id: string, body: object = {}) => app.post(`/v1/agents/${id}/install`, body);
  expect((await install("mock")).statusCode).toBe(204);
  expect((await install("claude")).statusCode).toBe(204);
  expect((await install("claude", { reinstall: true })).statusCode).toBe(204);
  expect(calls).toEqual([
    ["claude", testRecipe, { reinstall: false }],
    ["claude", testRecipe, { reinstall: true }],
  ]);
});

test("an unknown agent is named as it was given", async () => {
  await using app = await validatedApp();
  for (const id of ["Mock", "cursor", "a b", "é"]) {
    const path = `/v1/agents/${encodeURIComponent(id)}`;
    const answers = [
      await app.post(`${path}/install`, {}),
      await app.get(`${path}/modes`),
      await app.get(`${path}/models`),
    ];
    for (const answer of answers) {
      expect(answer.json()).toEqual({
        type: "urn:sandbox-agent:error:unsupported_agent",
        title: "Unsupported Agent",
        status: 400,
        detail: `unsupported agent: ${id}`,
        agent: id,
        requestId: answer.headers["x-request-id"],
      });
    }
  }
});

test("the modes and models of the mock are those of the reference", async () => {
  await using app = await validatedApp();
  const { modes } = (await app.get("/v1/agents/mock/modes")).json();
  expect(modes.map(({ id, name }: { id: string; name: string }) => [id, name])).toEqual([
    ["build", "Build"],
    ["plan", "Plan"],
  ]);
  expect((await app.get("/v1/agents/mock/models")).json()).toEqual({
    models: [{ id: "mock", name: "Mock" }],
    defaultModel: "mock",
  });
});

test("models are asked for once per executable, and again after a failure", async () => {
  let path = "/one";
  let asked: (string | undefined)[] = [];
  let fails = false;
  const agent: Agent = {
    ...claude,
    async models({ executable }) {
      asked.push(executable);
      if (fails) throw new Error("no answer");
      return { models: executable === "/none" ? [] : [{ id: `model of ${executable}` }] };
    },
  };
  await using app = await validatedApp({
    agents: [agent],
    catalogOptions: {
      installer: {
        find: async () => ({ path }),
        install: async () => undefined,
        progress: () => undefined,
      },
    },
  });
  const get = () => app.get("/v1/agents/claude/models");
  const answers = await Promise.all([get(), get(), get()]);
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  await get();
  expect(asked).toEqual(["/one"]);

  path = "/two";
  fails = true;
  expect((await get()).json()).toMatchObject({ status: 502, detail: "stream error: no answer" });
  fails = false;
  expect((await get()).json()).toEqual({ models: [{ id: "model of /two" }] });

  path = "/none";
  asked = [];
  await get();
  await get();
  expect(asked).toEqual(["/none", "/none"]);
});

test("modes that an agent is asked for are remembered; one that does not answer has those of its own", async () => {
  const answer = Promise.withResolvers<{ id: string; name: string; description: string }[]>();
  let asked = 0;
  const agent: Agent = {
    ...claude,
    async askModes() {
      asked += 1;
      return await answer.promise;
    },
    models: () => new Promise(() => undefined),
  };
  await using app = await validatedApp({
    agents: [agent],
    catalogOptions: {
      askMs: 20,
      installer: {
        find: async () => ({ path: "/one" }),
        install: async () => undefined,
        progress: () => undefined,
      },
    },
  });
  const modes = async () => (await app.get("/v1/agents/claude/modes")).json();
  expect(await modes()).toEqual({ modes: claude.modes });
  expect((await app.get("/v1/agents/claude/models")).json()).toMatchObject({ status: 502 });
  const made = { id: "reviewer", name: "reviewer", description: "" };
  answer.resolve([made]);
  expect(await modes()).toEqual({ modes: [made] });
  expect(asked).toBe(1);
});

test("doctors of one agent share a run, and one that checks keys waits for another", async () => {
  const started: boolean[] = [];
  const gates: (() => void)[] = [];
  const catalogOptions: Partial<AgentCatalogOptions> = {
    examine: async ({ id }, { checkKey }) => {
      started.push(checkKey);
      const gate = Promise.withResolvers<void>();
      gates.push(gate.resolve);
      await gate.promise;
      return { agent: id, status: "ok", checks: [] };
    },
  };
  await using app = await validatedApp({ catalogOptions });
  const ask = async (query: string) => (await app.get(`/v1/agents/mock/doctor${query}`)).statusCode;
  const plain = [1, 2, 3].map(() => ask(""));
  const keys = [1, 2, 3].map(() => ask("?checkKey=true"));
  await expect.poll(() => started).toEqual([false]);
  gates[0]?.();
  expect(await Promise.all(plain)).toEqual([200, 200, 200]);
  await expect.poll(() => started).toEqual([false, true]);
  gates[1]?.();
  expect(await Promise.all(keys)).toEqual([200, 200, 200]);
  expect(started).toEqual([false, true]);
});
