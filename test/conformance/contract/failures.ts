import { expect, vi } from "vitest";
import { AgentListResponse } from "../../../src/schema/agent.ts";
import type { Act, Scenario } from "./scenario.ts";
import { expectUsable } from "./expect-usable.ts";
import { postJson } from "../../support/post-json.ts";

/** OpenCode tries again for a minute. */
const RETRIES_MS = 600_000;

/** An error of the model's API that fails the turn. */
function lasting(act: Act, code: string | RegExp, what: string, limitMs?: number): Scenario {
  return {
    id: `failure.${act}`,
    title: `${what} fails the turn with a fitting code, and the session goes on`,
    proves: ["errorEvents"],
    ...(limitMs !== undefined && { limitMs }),
    play: (stage) => {
      // An agent may compact a conversation that is too long.
      const kind = act === "toolong" ? "session" : "sharedSession";
      return stage[kind](act, async (session) => {
        const turn = await session.send(stage.message(act));
        const expected = typeof code === "string" ? code : expect.stringMatching(code);
        expect(await session.turnEnded(turn, limitMs)).toMatchObject({
          status: "failed",
          error: { code: expected, message: expect.stringMatching(/\S/) },
        });
        expect(session.of("error").at(-1)?.data).toMatchObject({ code: expected });
        expect(await session.info()).toMatchObject({
          status: "idle",
          lastError: { code: expected },
        });
        await expectUsable(stage, session);
      });
    },
  };
}

/** One that passes. */
function passing(act: Act, what: string): Scenario {
  return {
    id: `failure.${act}`,
    title: `${what} that passes is survived, and is no error`,
    play: (stage) =>
      stage.sharedSession(act, async (session) => {
        expect(await session.run(stage.message(act))).toMatchObject({ status: "completed" });
        expect(session.of("error")).toEqual([]);
        expect(session.said().at(-1)).toBe("Recovered.");
      }),
  };
}

/** What the model's API does wrong. */
export const failures: Scenario[] = [
  lasting("e400", "api", "a request that the API refuses (400)"),
  lasting("e401", "auth", "a key that the API refuses (401)"),
  lasting("e429", "rate_limit", "a rate limit that lasts (429)"),
  lasting("e500", "api", "an API that is broken (500)"),
  lasting("overload", "overloaded", "an API that is overloaded"),
  lasting("drop", "network", "a connection that is dropped unanswered", RETRIES_MS),
  lasting("cut", "network", "an answer that always breaks off", RETRIES_MS),
  lasting("malformed", /^(network|api)$/, "an answer that is garbled", RETRIES_MS),
  lasting("toolong", "context_window", "a conversation that is too long for the model"),
  passing("e429recovers", "a rate limit"),
  passing("e500recovers", "a broken API"),
  passing("cutrecovers", "an answer that breaks off"),
  {
    id: "failure.retry",
    title: "each time the agent tries again is told as a retry",
    play: (stage) =>
      stage.sharedSession("e429recovers", async (session) => {
        await session.run(stage.message("e429recovers"));
        expect(session.statusLabels()).toContain("retry");
      }),
  },
  {
    id: "failure.interrupted",
    title: "an interrupt while the agent waits to try again ends the turn",
    play: (stage) =>
      stage.sharedSession("e429", async (session) => {
        const turn = await session.send(stage.message("e429"));
        await session.until("item.completed", ({ data: { item } }) =>
          item.content.some((part) => part.type === "status" && part.label === "retry"),
        );
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
        await expectUsable(stage, session);
      }),
  },
  {
    id: "failure.keyless",
    title: "without a key the failure names the cure and nothing reaches the model",
    surroundings: "keyless",
    async play({ rig, subject }) {
      const directory = rig.home.work;
      const url = `${rig.daemon.url}/v1/sessions/keyless`;
      const post = (path: string, body: object) => postJson(`${url}${path}`, body);
      const created = await post("", { agent: subject.id, directory });
      expect(created.status).toBe(200);
      expect((await post("/messages", { message: "hi" })).status).toBe(204);
      const failed = async () =>
        expect((await (await fetch(url)).json()) as unknown).toMatchObject({
          status: "idle",
          lastError: { code: "auth", message: expect.stringMatching(/\b[A-Z]+_API_KEY\b/) },
        });
      await vi.waitFor(failed, { timeout: 60_000 });
      expect(rig.model.requests).toEqual([]);
      const listed = await fetch(`${rig.daemon.url}/v1/agents`);
      const { agents } = AgentListResponse.parse(await listed.json());
      expect(agents.find(({ id }) => id === subject.id)?.credentialsAvailable).toBe(false);
    },
  },
];
