import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CodexDaemon, startCodex, killServer } from "../../support/codex-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";

let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex();
});

afterAll(() => codex[Symbol.asyncDispose]());

/** Has a command started that outlives its turn, until there is a file `go`. */
async function leaveRunning(session: LiveSession): Promise<void> {
  const turn = await session.send("go @@bashyields@@");
  await session.reply("once");
  expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
}

/** Whether a turn is one that the agent has started by itself. */
function isOwn({ data }: { data: { metadata?: { origin?: string } | null } }): boolean {
  return data.metadata?.origin === "agent";
}

/** What is told of tasks. */
function tasks(session: LiveSession): string[] {
  const statuses = session.parts("status").filter(({ label }) => label === "task");
  return statuses.map(({ detail }) => detail ?? "");
}

describe.each(["gpt-5.5", "gpt-6.1-sol"])("a command that outlives its turn, of %s", (model) => {
  it("is told as going on, and its end with all its output when it comes, in a later turn or in none", () =>
    codex.session(
      async (session, directory) => {
        await leaveRunning(session);
        expect(tasks(session)).toEqual([
          expect.stringMatching(/^runs in the background: .*echo one/),
        ]);
        expect(session.results()).toHaveLength(1);

        await session.run("and @@text@@");
        await writeFile(join(directory, "go"), "");
        const end = await session.until("item.completed", ({ data }) =>
          JSON.stringify(data).includes("in the background: completed with exit code 0"),
        );
        expect(end.data.item.content).toMatchObject([
          { label: "task", data: { exitCode: 0, output: "one\ntwo\n" } },
        ]);
        expect(session.results()).toHaveLength(1);
        expect(await session.processes()).toEqual([]);
      },
      { model },
    ));

  it("survives the interrupt of a later turn, whose own command ends", () =>
    codex.session(
      async (session, directory) => {
        await leaveRunning(session);
        const turn = await session.send("go @@bashlong@@");
        await session.reply("once");
        await expect.poll(() => readdir(directory)).toContain("long.started");
        await session.interrupt();
        expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
        const left = async () =>
          (await session.processes()).map(({ command }) => command).join("\n");
        await expect.poll(left).not.toContain("long.started");
        expect(await left()).toContain("echo one");
        await writeFile(join(directory, "go"), "");
        await session.until("item.completed", ({ data }) =>
          JSON.stringify(data).includes("in the background: completed"),
        );
      },
      { model },
    ));

  it("ends with its session", () =>
    codex.session(
      async (session) => {
        await leaveRunning(session);
        expect((await session.processes()).length).toBeGreaterThan(0);
        await session.terminate();
        await expect.poll(() => session.processes()).toEqual([]);
        expect(await codex.agentProcesses()).toHaveLength(1);
      },
      { model },
    ));

  it("of a subagent is told below its call, and ends with the session", () =>
    codex.session(
      async (session) => {
        const turn = await session.send("go @@subagentyields@@");
        await session.reply("once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        // The thread of the parent may report the end of the subagent, which is a task too, before
        // the subagent's own thread ends its turn (0.171.0).
        const notice = await session.until("item.completed", ({ data }) =>
          JSON.stringify(data).includes("runs in the background: "),
        );
        const call = await session.until(
          "item.completed",
          ({ data }) => data.item.kind === "tool_call",
        );
        expect(notice.data.item).toMatchObject({
          subagent: { id: expect.any(String) },
          parent_id: call.data.item.item_id,
        });
        expect((await session.processes()).length).toBeGreaterThan(0);
      },
      { model },
    ));
});

describe.each(["gpt-5.5", "gpt-6.1-sol"])("a command of %s that runs when its turn", (model) => {
  async function startLongCommand(session: LiveSession, directory: string): Promise<string> {
    const turn = await session.send("go @@bashlong@@");
    await session.reply("once");
    await expect.poll(() => readdir(directory)).toContain("long.started");
    return turn;
  }

  async function expectFailedResult(
    session: LiveSession,
    turn: string,
    status: string,
  ): Promise<void> {
    const ended = await session.until("turn.ended", ({ data }) => data.turn_id === turn);
    expect(ended.data.metadata).toMatchObject({ status });
    const items = session.of("item.completed");
    const results = items.filter(({ data }) => data.item.kind === "tool_result");
    expect(results.map(({ data }) => data.item.status)).toEqual(["failed"]);
    expect(results[0]?.sequence).toBeLessThan(ended.sequence);
    expect(tasks(session)).toEqual([]);
    expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
    expect(session.results()).toHaveLength(1);
  }

  it("is interrupted has one result, which is failed", () =>
    codex.session(
      async (session, directory) => {
        const turn = await startLongCommand(session, directory);
        await session.interrupt();
        await expectFailedResult(session, turn, "interrupted");
      },
      { model },
    ));

  it("is lost with the server has one result, which is failed; a command that outlived its turn is reported as ended", () =>
    codex.session(
      async (other) => {
        await leaveRunning(other);
        await codex.session(
          async (session, directory) => {
            const turn = await startLongCommand(session, directory);
            await killServer(codex);
            await expectFailedResult(session, turn, "failed");
          },
          { model },
        );
        await other.until("item.completed", ({ data }) =>
          JSON.stringify(data).includes("ended with the server"),
        );
        await expect.poll(() => other.processes()).toEqual([]);
        expect(await other.run("and @@text@@")).toMatchObject({ status: "completed" });
      },
      { model },
    ));
});

describe("a command that yields and ends within its turn", () => {
  it("is one call with one result", () =>
    codex.session(async (session) => {
      codex.model.script("within", ({ body }) => {
        const id = /session ID (\d+)/.exec(JSON.stringify(body))?.[1];
        return [
          reply([
            tool("exec_command", {
              cmd: "read line; echo got $line",
              yield_time_ms: 300,
              tty: true,
            }),
          ]),
          reply([
            tool("write_stdin", { session_id: Number(id), chars: "yes\n", yield_time_ms: 5000 }),
          ]),
          reply("All done."),
        ];
      });
      const turn = await session.send("go @@within@@");
      await session.reply("once");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.results()).toMatchObject([
        { exit_code: 0, output: expect.stringContaining("got yes") },
      ]);
      expect(tasks(session)).toEqual(["typed: yes\n"]);
    }));
});

describe("a goal that is not reached when its turn ends", () => {
  it("goes on in a turn of the agent's own, and messages wait behind it", () =>
    codex.session(async (session) => {
      codex.model.script("goes", [
        reply([tool("create_goal", { objective: "Make it so" })]),
        reply("Half of it is done."),
        reply([text("Going on "), hold("goes"), tool("update_goal", { status: "complete" })]),
        reply("All of it is done."),
      ]);
      const turn = await session.send("go @@goes@@");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const own = await session.until("turn.started", isOwn);
      await codex.model.reached("goes");
      const next = await session.send("and @@text@@");
      expect(await session.info()).toMatchObject({ status: "running", queuedMessages: 1 });
      codex.model.release("goes");
      expect(await session.turnEnded(own.data.turn_id)).toMatchObject({ status: "completed" });
      expect(await session.turnEnded(next)).toMatchObject({ status: "completed" });
      expect(session.said()).toEqual([
        "Half of it is done.",
        "Going on ",
        "All of it is done.",
        "Hello from the scripted model.",
      ]);
      expect(session.statusLabels().filter((label) => label === "goal")).toHaveLength(2);
    }));

  it("is not gone for when that turn is interrupted", async () => {
    codex.model.script("stops", [
      reply([tool("create_goal", { objective: "Make it so" })]),
      reply("Half of it is done."),
      reply([text("Going on "), hold("stops")]),
    ]);
    await codex.session(async (session) => {
      await session.send("go @@stops@@");
      const own = await session.until("turn.started", isOwn);
      await codex.model.reached("stops");
      await session.interrupt();
      expect(await session.turnEnded(own.data.turn_id)).toMatchObject({ status: "interrupted" });
      await aTurnOfAnother();
      expect(session.of("turn.started")).toHaveLength(2);
    });
    expect(askedFor("stops")).toBe(3);
  });

  it("leaves room for a message between its turns", () =>
    codex.session(async (session) => {
      codex.model.script("busy", [
        reply([tool("create_goal", { objective: "Make it so" })]),
        reply("A bit of it is done."),
      ]);
      codex.model.script("enough", [
        reply([tool("update_goal", { status: "complete" })]),
        reply("Enough."),
      ]);
      await session.send("go @@busy@@");
      await expect.poll(() => session.of("turn.started").length).toBeGreaterThan(5);
      const turn = await session.send("that is @@enough@@");
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.said().at(-1)).toBe("Enough.");
      await aTurnOfAnother();
      expect(await session.info()).toMatchObject({ status: "idle" });
    }));

  it("is not gone for when its session has ended", async () => {
    codex.model.script("forever", [
      reply([tool("create_goal", { objective: "Make it so" })]),
      reply("A bit of it is done."),
    ]);
    await codex.session(async (session) => {
      await session.send("go @@forever@@");
      await expect.poll(() => session.of("turn.started").length).toBeGreaterThan(5);
    });
    await aTurnOfAnother();
    const asked = askedFor("forever");
    await aTurnOfAnother();
    expect(askedFor("forever")).toBe(asked);
  });
});

/** How often the model was asked something in a conversation of this script. */
function askedFor(name: string): number {
  return codex.model.requests.filter(({ script }) => script === name).length;
}

/** Time for one turn: whoever goes on by itself would have done so. */
async function aTurnOfAnother(): Promise<void> {
  await codex.session(async (session) => {
    expect(await session.run("hi @@text@@")).toMatchObject({ status: "completed" });
  });
}
