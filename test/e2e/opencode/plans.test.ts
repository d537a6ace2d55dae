import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import type { ModelRequest } from "../../support/model-request.ts";
import { reply, text, tool } from "../../support/model-script.ts";
import { type OpencodeDaemon, startOpencode, askServer } from "../../support/opencode-daemon.ts";

const PLAN = "# Plan\n1. Do A\n";
const planning = { permissionMode: "plan" };
let opencode: OpencodeDaemon;

beforeAll(async () => {
  opencode = await startOpencode();
});

afterAll(() => opencode[Symbol.asyncDispose]());

/** The file that OpenCode tells the model to write its plan into. */
function planFile({ body }: ModelRequest): string {
  return /(\/[^\s"\\`]+plans\/[^\s"\\`]+\.md)/.exec(JSON.stringify(body))?.[1] ?? "none";
}

/** Makes the model write a plan, propose it, and begin to work; `<name>-begin` makes it work on. */
function scriptPlan(name: string, directory: string): void {
  const filePath = join(directory, "made.txt");
  opencode.model.script(name, (request) => [
    reply([text("Let me see."), tool("write", { filePath: planFile(request), content: PLAN })]),
    reply([tool("plan_exit", {})]),
    reply([tool("write", { filePath: join(directory, "begun.txt"), content: "begun\n" })]),
    reply("Begun."),
  ]);
  opencode.model.script(`${name}-begin`, [
    reply([tool("write", { filePath, content: "made\n" })]),
    reply("Made."),
  ]);
}

/** The newest request of a session to the model. */
async function lastRequest(session: LiveSession): Promise<string> {
  const { nativeSessionId } = await session.info();
  return JSON.stringify(opencode.model.requestsOf(nativeSessionId ?? "none").at(-1)?.body);
}

describe.concurrent("a plan", () => {
  it("that is approved is worked on in the same turn, under the rules of a session that works", () =>
    opencode.session(async (session, directory) => {
      scriptPlan("approved", directory);
      const turn = await session.send("go @@approved@@");
      const asked = await session.question();
      expect(asked.metadata).toEqual({ kind: "plan", plan: PLAN });
      expect(asked.options).toEqual(["approve", "reject"]);
      await session.answerTo(asked, [["approve"]]);
      expect(await session.reply("once")).toMatchObject({ action: "edit" });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.of("turn.started")).toHaveLength(1);
      expect(session.of("question.resolved")[0]?.data).toMatchObject({
        status: "answered",
        answers: [["approve"]],
      });
      const last = await lastRequest(session);
      expect(last).toContain("The plan is approved");

      const next = await session.send("now @@approved-begin@@");
      await session.reply("once");
      expect(await session.turnEnded(next)).toMatchObject({ status: "completed" });
      expect((await readdir(directory)).toSorted()).toEqual(["begun.txt", "made.txt"]);
    }, planning));

  it("that is rejected ends the turn, and the session plans on", () =>
    opencode.session(async (session, directory) => {
      scriptPlan("rejected", directory);
      const turn = await session.send("go @@rejected@@");
      await session.answer([["reject"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.of("question.resolved")[0]?.data).toMatchObject({
        status: "answered",
        answers: [["reject"]],
      });
      expect(await session.info()).toMatchObject({ status: "idle", pendingQuestions: [] });
      await session.run("now @@rejected-begin@@");
      expect(session.of("permission.requested")).toEqual([]);
      expect(await readdir(directory)).toEqual([]);
    }, planning));

  it("that is answered with other words is planned anew", () =>
    opencode.session(async (session, directory) => {
      scriptPlan("reworded", directory);
      const turn = await session.send("go @@reworded@@");
      await session.answer([["Do C as well @@text@@"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(session.said().at(-1)).toBe("Hello from the scripted model.");
      const last = await lastRequest(session);
      expect(last).toContain("Do C as well");
      await session.run("now @@reworded-begin@@");
      expect(await readdir(directory)).toEqual([]);
    }, planning));

  it("that was only said is asked about with what was said", () =>
    opencode.session(async (session) => {
      const turn = await session.send("go @@plan@@");
      const asked = await session.answer([["reject"]]);
      expect(asked.metadata).toEqual({ kind: "plan", plan: "Do A, then B." });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    }, planning));

  it("in a repository is read from where OpenCode keeps it there", () =>
    opencode.session(async (session, directory) => {
      await promisify(execFile)("git", ["init", "--quiet", directory]);
      scriptPlan("kept", directory);
      const turn = await session.send("go @@kept@@");
      const asked = await session.answer([["reject"]]);
      expect(asked.metadata).toEqual({ kind: "plan", plan: PLAN });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
    }, planning));

  it("that waits for approval does not outlive an interrupt", () =>
    opencode.session(async (session, directory) => {
      scriptPlan("waits", directory);
      const turn = await session.send("go @@waits@@");
      await session.question();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(await askServer(opencode, "/question", directory)).toEqual([]);
      expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    }, planning));

  it("of a session that accepts edits is worked on without asking for them", () =>
    opencode.session(
      async (session, directory) => {
        scriptPlan("accepts", directory);
        const turn = await session.send("go @@accepts@@");
        await session.answer([["approve"]]);
        await session.turnEnded(turn);
        expect(await session.run("now @@accepts-begin@@")).toMatchObject({ status: "completed" });
        expect(session.of("permission.requested")).toEqual([]);
        expect((await readdir(directory)).toSorted()).toEqual(["begun.txt", "made.txt"]);
      },
      { agentMode: "plan", permissionMode: "acceptEdits" },
    ));
});
