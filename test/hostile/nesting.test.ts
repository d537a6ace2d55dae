import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSession } from "../support/live-session.ts";
import { expectUsable, StandInDaemon } from "../support/stand-in.ts";

const agents = ["claude", "codex", "opencode", "amp"] as const;

describe.each(agents)("%s", (agent) => {
  let daemon: StandInDaemon;

  beforeAll(async () => {
    daemon = await StandInDaemon.start({ agent });
  });

  afterAll(() => daemon[Symbol.asyncDispose]());

  async function run(session: LiveSession, fault: string) {
    const [ended] = await Promise.all([session.run(fault), daemon.expectServing()]);
    return ended;
  }

  it("nesting of 400 levels is shown", () =>
    daemon.session(
      async (session) => {
        const turn = await session.send("turn/nested-400");
        const asked = session.permissionIn(turn);
        // The stand-in of OpenCode does not wait for the answer.
        const replied = asked.then((one) => one && session.replyTo(one, "once").catch(() => {}));
        const [ended] = await Promise.all([session.turnEnded(turn), replied]);
        expect(ended).toMatchObject({ status: "completed" });
        expect(session.of("permission.requested")).toHaveLength(agent === "amp" ? 0 : 1);
        expect(session.of("agent.unparsed")).toEqual([]);
      },
      { garbled: true },
    ));

  it.each([6000, 100_000])("messages of %i levels are unparsed, and the turn goes on", (levels) =>
    daemon.session(
      async (session) => {
        expect(await run(session, `turn/nested-${levels}`)).toMatchObject({ status: "completed" });
        const errors = session.of("agent.unparsed").map(({ data }) => data.error);
        expect(new Set(errors)).toEqual(new Set(["the JSON is nested deeper than 500 levels"]));
        expect(errors.length).toBeGreaterThan(3);
        expect(session.of("permission.requested")).toEqual([]);
        await expectUsable(session);
      },
      { garbled: true },
    ),
  );

  // OpenCode is asked whether it still works.
  const status = agent === "opencode" ? "completed" : "failed";
  it.each([6000, 100_000])(`a turn whose last message has %i levels is ${status}, once`, (levels) =>
    daemon.session(
      async (session) => {
        const noEnd = agent === "opencode" ? "" : "no-end+";
        expect(await run(session, `turn/${noEnd}nested-end-${levels}`)).toMatchObject({ status });
        expect(session.of("turn.ended")).toHaveLength(1);
        expect(session.of("agent.unparsed").length).toBeGreaterThan(0);
      },
      { garbled: true },
    ),
  );
});
