import { setImmediate as tick } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { SandboxAgent, SandboxAgentError } from "../../src/index.ts";
import {
  type EventStore,
  persistedEvents,
  PersistError,
  persistSession,
  SqliteStore,
  storedEvents,
} from "../../src/persist/index.ts";
import type { FollowedClient } from "../../src/persist/follower.ts";
import { ProblemError } from "../../src/schema/problem.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { type ListeningApp, listeningApp } from "../support/listening-app.ts";
import { collectAll } from "../support/sse.ts";
import { daemonLog, expectWhole } from "../support/stored-log.ts";
import { someEvent } from "./contract.ts";

/** A daemon with a session, its client, and an empty store. */
class Setting implements AsyncDisposable {
  readonly store = new SqliteStore(":memory:");
  readonly app: ListeningApp;
  readonly client: SandboxAgent;

  private constructor(app: ListeningApp, client: SandboxAgent) {
    this.app = app;
    this.client = client;
  }

  static async make(options?: Parameters<typeof listeningApp>[0]): Promise<Setting> {
    const app = await listeningApp(options);
    await app.createSession("s");
    return new Setting(app, await SandboxAgent.connect({ baseUrl: app.url }));
  }

  /** The agent says so many things. */
  say(count: number, text = "word "): void {
    const delta = { type: "item.delta", nativeId: "n", delta: text } as const;
    this.app.sessions.peek("s").receive(Array.from({ length: count }, () => delta));
  }

  end(): Promise<void> {
    return this.app.sessions.peek("s").terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.app[Symbol.asyncDispose]();
  }
}

/** A store of which some methods do something else. */
function altered(store: EventStore, changes: Partial<EventStore>): EventStore {
  return {
    openSession: (...given) => store.openSession(...given),
    append: (...given) => store.append(...given),
    events: (...given) => store.events(...given),
    sessions: (...given) => store.sessions(...given),
    ...changes,
  };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("following a session into a store", () => {
  it("stores what was and what comes, and ends when the session has", async () => {
    await using setting = await Setting.make();
    const { client, store } = setting;
    setting.say(1000);
    const told: number[] = [];
    const done = persistSession(client, "s", store, {
      onEvent: ({ sequence }) => {
        if (sequence === 100) setting.say(100);
        if (sequence === 1100) void setting.end();
        told.push(sequence);
      },
    });
    const key = await done;
    const { createdAt } = await client.getSession("s");
    expect(key).toEqual({ source: "", sessionId: "s", createdAt });
    expect(await expectWhole(store, setting.app.url, "s")).toBe(told.length);
    expect(told).toEqual(told.map((_, index) => index + 1));
  });

  it("goes on after the last event that is stored, and tells only of those that are new", async () => {
    await using setting = await Setting.make();
    const { client, store } = setting;
    setting.say(100);
    const stop = new AbortController();
    const enough = new Error("enough");
    const first = persistSession(client, "s", store, {
      signal: stop.signal,
      maxBatchEvents: 10,
      onEvent: ({ sequence }) => void (sequence === 50 && stop.abort(enough)),
    });
    await expect(first).rejects.toBe(enough);
    const [{ lastSequence } = { lastSequence: 0 }] = await store.sessions();
    await setting.end();
    const told: number[] = [];
    await persistSession(client, "s", store, {
      onEvent: ({ sequence }) => void told.push(sequence),
    });
    expect(told[0]).toBe(lastSequence + 1);
    await expectWhole(store, setting.app.url, "s");
  });

  it("has nothing to ask of a daemon that has forgotten the session, if its end is stored", async () => {
    await using setting = await Setting.make();
    const { client, store } = setting;
    await setting.end();
    const key = await persistSession(client, "s", store);
    await client.deleteSession("s");
    expect(await persistSession(client, "s", store)).toEqual(key);
    const again = await collectAll(persistedEvents(client, "s", store));
    expect(again.at(-1)?.type).toBe("session.ended");
  });

  it("a session that nobody knows is the daemon's own error", async () => {
    await using setting = await Setting.make();
    const error = await failureOf(persistSession(setting.client, "other", setting.store));
    expect(error).toMatchObject({ name: "SandboxAgentError", status: 404 });
  });

  it("two at once are in nobody's way", async () => {
    await using setting = await Setting.make();
    const { client, store } = setting;
    setting.say(2000);
    const both = [1, 2].map(() => persistSession(client, "s", store, { maxBatchEvents: 7 }));
    await setting.end();
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    await expectWhole(store, setting.app.url, "s");
  });

  it("an id that is used again is another session", async () => {
    await using setting = await Setting.make();
    const { app, client, store } = setting;
    setting.say(50);
    await setting.end();
    await persistSession(client, "s", store);
    await client.deleteSession("s");
    await tick();
    await app.createSession("s");
    setting.say(3);
    await setting.end();
    const key = await persistSession(client, "s", store);
    expect(await store.sessions({ sessionId: "s" })).toHaveLength(2);
    const stored = await collectAll(storedEvents(store, key));
    expect(stored).toEqual(await daemonLog(app.url, "s"));
  });

  it("a session that is replaced while it is followed ends that, and nothing of the new one is stored", async () => {
    await using setting = await Setting.make();
    const { app, client, store } = setting;
    setting.say(5);
    const replace = async () => {
      await client.deleteSession("s");
      await app.createSession("s");
      setting.say(50);
    };
    let asked = 0;
    const replaced: FollowedClient = {
      // Between the question which session it is and the connection to it.
      async getSession(id) {
        const info = await client.getSession(id);
        if (++asked === 1) await replace();
        return { ...info, createdAt: asked === 1 ? 1 : info.createdAt };
      },
      streamEvents: (...given) => client.streamEvents(...given),
    };
    const error = await failureOf(persistSession(replaced, "s", store));
    expect(error).toBeInstanceOf(PersistError);
    expect(error).toMatchObject({ code: "session_replaced" });
    expect(await store.sessions()).toMatchObject([{ createdAt: 1, lastSequence: 0 }]);
  });
});

describe("events that the daemon has dropped", () => {
  const small = () => Setting.make({ sessionsOptions: { buffer: new EventBuffer(64 << 10) } });

  it("are an error that says which they are", async () => {
    await using setting = await small();
    const { client, store } = setting;
    setting.say(2000, "a few more words than before ");
    const { firstSequence } = await client.getSession("s");
    expect(firstSequence).toBeGreaterThan(1);
    const error = await failureOf(persistSession(client, "s", store));
    expect(error).toMatchObject({
      name: "PersistError",
      code: "events_expired",
      message: expect.stringContaining(`events 1 to ${firstSequence - 1} of session s are lost`),
      missing: { firstSequence: 1, lastSequence: firstSequence - 1 },
    });
  });

  it("are left out, and noted, where that was asked for", async () => {
    await using setting = await small();
    const { client, store } = setting;
    setting.say(2000, "a few more words than before ");
    await setting.end();
    const { firstSequence } = await client.getSession("s");
    const key = await persistSession(client, "s", store, { onExpired: "skip" });
    expect(await store.sessions()).toMatchObject([
      { ended: true, gaps: [{ firstSequence: 1, lastSequence: firstSequence - 1 }] },
    ]);
    const stored = await collectAll(storedEvents(store, key));
    expect(stored[0]?.sequence).toBe(firstSequence);
    expect(stored.at(-1)?.type).toBe("session.ended");
  });
});

it("a session of which the daemon has dropped everything is a gap to its end", async () => {
  await using setting = await Setting.make();
  await setting.end();
  const { client, store } = setting;
  const { eventCount } = await client.getSession("s");
  const dropped: FollowedClient = {
    getSession: (id) => client.getSession(id),
    // eslint-disable-next-line require-yield -- there is nothing to give
    async *streamEvents() {
      const problem = new ProblemError("events_expired", "", { firstSequence: eventCount + 1 });
      throw await SandboxAgentError.of(Response.json(problem.toProblem(), { status: 410 }));
    },
  };
  await persistSession(dropped, "s", store, { onExpired: "skip" });
  const gap = { firstSequence: 1, lastSequence: eventCount };
  expect(await store.sessions()).toMatchObject([{ ended: false, gaps: [gap] }]);
});

describe("a store that fails", () => {
  it("is waited for, and nothing is lost, doubled or told twice", async () => {
    await using setting = await Setting.make();
    const { client, store } = setting;
    setting.say(300);
    await setting.end();
    let calls = 0;
    const failing = altered(store, {
      async openSession(session) {
        if (++calls % 3 === 0) throw new Error("away");
        return await store.openSession(session);
      },
      async append(...given) {
        if (++calls % 3 === 0) throw new Error("away");
        await store.append(...given);
        // Stored, but nobody hears of it.
        if (calls % 4 === 0) throw new Error("connection lost");
      },
    });
    const told: number[] = [];
    {
      using timers = fakeTimers();
      const options = {
        maxBatchEvents: 50,
        onEvent: ({ sequence }: UniversalEvent) => void told.push(sequence),
      };
      await timers.settle(persistSession(client, "s", failing, options));
    }
    expect(told).toEqual(Array.from({ length: told.length }, (_, index) => index + 1));
    expect(await expectWhole(store, setting.app.url, "s")).toBe(told.length);
  });

  it("is given up after the time that it was given", async () => {
    await using setting = await Setting.make();
    const cause = new Error("away");
    const failing = altered(setting.store, { append: () => Promise.reject(cause) });
    const options = { giveUpAfterMs: 200 };
    const error = await failureOf(persistSession(setting.client, "s", failing, options));
    expect(error).toMatchObject({ code: "store_failed", message: "the store failed: away", cause });
  });

  it("is given up at once where it says that this does not pass", async () => {
    await using setting = await Setting.make();
    let calls = 0;
    const failing = altered(setting.store, {
      append: () => Promise.reject(new Error(`refused ${++calls}`)),
      mayPass: () => false,
    });
    const error = await failureOf(persistSession(setting.client, "s", failing));
    expect(error).toMatchObject({ message: "the store failed: refused 1" });
  });
});

it.each([
  ["one that is missing", [1, 2, 4]],
  ["one that came before", [1, 2, 2]],
  ["a first one that is not the next", [2, 3]],
])("%s is an error, and nothing of its batch is stored", async (_, sequences) => {
  await using setting = await Setting.make();
  const { client, store } = setting;
  const wrong: FollowedClient = {
    getSession: (id) => client.getSession(id),
    async *streamEvents() {
      for (const sequence of sequences) yield someEvent(sequence);
    },
  };
  const error = await failureOf(persistSession(wrong, "s", store));
  expect(error).toMatchObject({ code: "out_of_order" });
  expect(await store.sessions()).toMatchObject([{ lastSequence: 0 }]);
});

describe("events one by one", () => {
  it("are those that are stored, then those to come", async () => {
    await using setting = await Setting.make();
    const { app, client, store } = setting;
    setting.say(20);
    const stop = new AbortController();
    await failureOf(
      persistSession(client, "s", store, { signal: stop.signal, onEvent: () => stop.abort() }),
    );
    const seen: UniversalEvent[] = [];
    for await (const event of persistedEvents(client, "s", store, { after: 3 })) {
      seen.push(event);
      if (event.sequence === 21) await setting.end();
    }
    expect(seen).toEqual((await daemonLog(app.url, "s")).slice(3));
    await expectWhole(store, app.url, "s");
  });

  it("may be left", async () => {
    await using setting = await Setting.make();
    const { client, store } = setting;
    setting.say(500);
    for await (const { sequence } of persistedEvents(client, "s", store)) {
      if (sequence === 10) break;
    }
    const [session] = await store.sessions();
    expect(session?.lastSequence).toBeGreaterThanOrEqual(10);
  });
});

it("a daemon that is away is waited for", async () => {
  await using setting = await Setting.make();
  await setting.end();
  const { client, store } = setting;
  const failures = { getSession: 3, streamEvents: 2 };
  const away: FollowedClient = {
    async getSession(id) {
      if (failures.getSession-- > 0) throw new TypeError("fetch failed");
      return await client.getSession(id);
    },
    async *streamEvents(...given) {
      if (failures.streamEvents-- > 0) throw new TypeError("fetch failed");
      yield* client.streamEvents(...given);
    },
  };
  {
    using timers = fakeTimers();
    await timers.settle(persistSession(away, "s", store));
  }
  await expectWhole(store, setting.app.url, "s");
});
