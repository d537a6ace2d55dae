import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hold, httpError, reply, text, tool } from "../../support/model-script.ts";
import {
  type OpencodeDaemon,
  startOpencode,
  askServer,
  setStream,
} from "../../support/opencode-daemon.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode({ cuttable: true });
});

afterAll(() => opencode[Symbol.asyncDispose]());

const shared = shareSession(() => opencode);
const bypassing = shareSession(() => opencode, {
  permissionMode: "bypass",
  repositorySettings: "ignore",
});

/** The native ids of the items that are complete; none may come twice. */
function itemIds(later: LaterEvents): (string | null)[] {
  return later.items().map(({ native_item_id }) => native_item_id);
}

/** Waits until the server works in none of the sessions of a directory. */
async function untilAtRest(directory: string): Promise<void> {
  await expect
    .poll(() => askServer(opencode, "/session/status", directory), { timeout: 60_000 })
    .toEqual({});
}

describe("a stream of events that was away", () => {
  it("for the end of a turn is made up for: each item once, and the turn ends", async () => {
    const { session, directory } = bypassing;
    const later = new LaterEvents(session);
    opencode.model.script("away", [
      reply([text("One "), hold("away"), text("two."), tool("bash", command("echo hidden"))]),
      reply("Three."),
    ]);
    const turn = await session.send("go @@away@@");
    await later.until("item.delta");
    await setStream(opencode, "cut");
    opencode.model.release("away");
    await untilAtRest(directory);
    expect(later.of("turn.ended")).toEqual([]);
    await setStream(opencode, "open");
    expect(await session.turnEnded(turn)).toMatchObject({
      status: "completed",
      usage: { total_tokens: 2 * 192 },
    });
    expect(later.said()).toEqual(["One two.", "Three."]);
    expect(later.results()).toMatchObject([{ output: "hidden\n", exit_code: 0 }]);
    expect(new Set(itemIds(later)).size).toBe(itemIds(later).length);
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  });

  it("in the middle of a text leaves out nothing and tells nothing twice", async () => {
    const { session } = shared;
    const later = new LaterEvents(session);
    opencode.model.script("middle", [
      reply([text("One "), hold("first"), text("two "), hold("second"), text("three.")]),
    ]);
    const turn = await session.send("go @@middle@@");
    await later.until("item.delta");
    await setStream(opencode, "cut");
    opencode.model.release("first");
    await opencode.model.reached("second");
    await setStream(opencode, "open");
    opencode.model.release("second");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(later.said()).toEqual(["One two three."]);
  });

  it("when a permission was asked for shows it", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    opencode.model.script("asks", [
      reply([text("One "), hold("asks"), tool("bash", command("touch made.txt"))]),
      reply("Done."),
    ]);
    const turn = await session.send("go @@asks@@");
    await later.until("item.delta");
    await setStream(opencode, "cut");
    opencode.model.release("asks");
    await expect.poll(() => askServer(opencode, "/permission", directory)).not.toEqual([]);
    await setStream(opencode, "open");
    expect(await session.reply("once")).toMatchObject({
      metadata: { command: "touch made.txt" },
    });
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    expect(later.of("permission.requested")).toHaveLength(1);
  });

  it("when another client allowed a permission records it as allowed", async () => {
    const { session, directory } = shared;
    const later = new LaterEvents(session);
    opencode.model.script("allowed", [
      reply([tool("bash", command("touch made.txt"))]),
      reply([hold("allowed"), text("Done.")]),
    ]);
    const turn = await session.send("go @@allowed@@");
    const { permission_id: id } = await session.permission();
    await setStream(opencode, "cut");
    await askServer(opencode, `/permission/${id}/reply`, directory, { reply: "once" });
    await opencode.model.reached("allowed");
    await setStream(opencode, "open");
    const { data } = await later.until("permission.resolved");
    expect(data).toMatchObject({ status: "accept", metadata: { reason: "elsewhere" } });
    opencode.model.release("allowed");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
  });

  it("while a subagent worked tells it below its call", async () => {
    const { session, directory } = bypassing;
    const later = new LaterEvents(session);
    opencode.model.script("subaway", [reply([text("Below "), hold("subaway"), text("done.")])]);
    opencode.model.script("delegates", [
      reply([
        tool("task", {
          description: "Work",
          prompt: "Work @@subaway@@",
          subagent_type: "general",
        }),
      ]),
      reply("Came back."),
    ]);
    const turn = await session.send("go @@delegates@@");
    await opencode.model.reached("subaway");
    await setStream(opencode, "cut");
    opencode.model.release("subaway");
    await untilAtRest(directory);
    await setStream(opencode, "open");
    expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    const below = later.items().filter(({ subagent }) => subagent !== undefined);
    expect(JSON.stringify(below)).toContain("Below done.");
    expect(later.said().at(-1)).toBe("Came back.");
    expect(new Set(itemIds(later)).size).toBe(itemIds(later).length);
  });

  it("for an error of the model tells the error and fails the turn", async () => {
    const { session, directory } = bypassing;
    const later = new LaterEvents(session);
    opencode.model.script("fails", [
      reply([text("One "), hold("fails"), tool("bash", command("true"))]),
      httpError(400),
    ]);
    const turn = await session.send("go @@fails@@");
    await later.until("item.delta");
    await setStream(opencode, "cut");
    opencode.model.release("fails");
    await untilAtRest(directory);
    await setStream(opencode, "open");
    expect(await session.turnEnded(turn)).toMatchObject({
      status: "failed",
      error: { code: "api" },
    });
    expect(later.of("error")).toMatchObject([{ data: { code: "api" } }]);
  });
});

function command(line: string) {
  return { command: line, description: "Does it" };
}
