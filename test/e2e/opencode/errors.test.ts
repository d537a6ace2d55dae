import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpencodeDaemon, startOpencode } from "../../support/opencode-daemon.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

/** OpenCode tries five times again, and waits between. */
const RETRIES_MS = 120_000;
let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode();
});

afterAll(() => opencode[Symbol.asyncDispose]());

describe.concurrent("an error of the model's API that lasts", { timeout: RETRIES_MS }, () => {
  it.each([
    ["e429", "rate_limit"],
    ["e500", "api"],
    ["e529", "overloaded"],
  ])("(%s) is tried again, told each time, and fails the turn as %s", (script, code) =>
    opencode.session(async (session) => {
      expect(await session.run(`go @@${script}@@`)).toMatchObject({
        status: "failed",
        error: { code },
      });
      expect(session.statusLabels().filter((label) => label === "retry").length).toBeGreaterThan(2);
      expect(session.of("error")).toMatchObject([{ data: { code }, synthetic: false }]);
      expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    }),
  );
});

describe("an interrupt while OpenCode waits to try again", () => {
  const shared = shareSession(() => opencode);

  it.each(["e500slow", "cut", "drop", "overloaded"])(
    "(%s) ends the turn at once",
    async (script) => {
      const { session } = shared;
      const later = new LaterEvents(session);
      const turn = await session.send(`go @@${script}@@`);
      await later.until("item.completed", ({ data }) =>
        data.item.content.some((part) => part.type === "status" && part.label === "retry"),
      );
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(later.of("error")).toEqual([]);
      expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
      expect(later.said().at(-1)).toBe("Hello from the scripted model.");
    },
  );
});
