import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG, type CodexDaemon, startCodex } from "../../support/codex-daemon.ts";
import type { LiveSession } from "../../support/live-session.ts";
import { reply, tool } from "../../support/model-script.ts";

const server = join(import.meta.dirname, "../../fixtures/bin/mcp-server.mjs");
const MCP = `[mcp_servers.tiny]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(server)}]
`;
const FORM = {
  message: "Who are you?",
  requestedSchema: {
    type: "object",
    properties: {
      age: { type: "integer", description: "In years" },
      name: { type: "string", title: "Name" },
      size: { type: "string", title: "Size", enum: ["s", "l"], enumNames: ["Small", "Large"] },
      sure: { type: "boolean", title: "Sure?" },
    },
    required: ["name"],
  },
};
let codex: CodexDaemon;

beforeAll(async () => {
  codex = await startCodex({ config: `${CONFIG}${MCP}` });
});

afterAll(() => codex[Symbol.asyncDispose]());

/** Begins a turn in which the MCP server asks something of the user. */
async function asking(session: LiveSession, form: Record<string, unknown>): Promise<string> {
  codex.model.script("asking", [reply([tool("mcp__tiny.elicit", form)]), reply("All done.")]);
  const turn = await session.send("go @@asking@@");
  await session.reply("once");
  return turn;
}

/** What the MCP server has heard. */
function heard(session: LiveSession): unknown {
  return JSON.parse(session.results().at(-1)?.output ?? "");
}

describe("what an MCP server asks of the user", () => {
  it("is a question with a part for each member, and the answers are values of the right types", () =>
    codex.session(async (session) => {
      const turn = await asking(session, FORM);
      const asked = await session.question();
      expect(asked.questions).toEqual([
        { question: "Who are you?\nage: In years", multi_select: false, options: [] },
        { question: "Name", multi_select: false, options: [] },
        {
          question: "Size",
          multi_select: false,
          options: [{ label: "Small" }, { label: "Large" }],
        },
        {
          question: "Sure?",
          multi_select: false,
          options: [{ label: "Yes" }, { label: "No" }],
        },
      ]);
      await session.answerTo(asked, [["41"], ["Ann"], ["Large"], ["Yes"]]);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      const content = { age: 41, name: "Ann", size: "l", sure: true };
      expect(heard(session)).toEqual({ action: "accept", content });
    }));

  it("stays open where an answer does not fit, and says what is wrong", () =>
    codex.session(async (session) => {
      const turn = await asking(session, FORM);
      const asked = await session.question();
      await expect(session.answerTo(asked, [["old"], ["Ann"], [], []])).rejects.toThrow(
        /400.*no number: old/,
      );
      await expect(session.answerTo(asked, [["41"], [], [], []])).rejects.toThrow(
        /400.*an answer is required: Name/,
      );
      await session.answerTo(asked, [[], ["Ann"], [], []]);
      await session.turnEnded(turn);
      expect(heard(session)).toEqual({ action: "accept", content: { name: "Ann" } });
    }));

  it("is declined when the question is rejected", () =>
    codex.session(async (session) => {
      const turn = await asking(session, FORM);
      await session.answer(null);
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(heard(session)).toEqual({ action: "decline" });
    }));

  it("is withdrawn when the turn is interrupted", () =>
    codex.session(async (session) => {
      const turn = await asking(session, FORM);
      await session.question();
      await session.interrupt();
      expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
      expect(session.of("question.resolved")[0]?.data).toMatchObject({
        status: "rejected",
        metadata: { reason: "interrupted" },
      });
      expect(await session.run("and @@text@@")).toMatchObject({ status: "completed" });
    }));

  it("is declined where it cannot be put into a question, and that is told", () =>
    codex.session(async (session) => {
      const url = "http://127.0.0.1/login";
      const turn = await asking(session, {
        mode: "url",
        message: "Log in",
        url,
        elicitationId: "e1",
      });
      expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
      expect(heard(session)).toEqual({ action: "decline" });
      expect(session.of("question.requested")).toEqual([]);
      expect(session.parts("status")).toContainEqual(
        expect.objectContaining({
          label: "warning",
          detail: expect.stringMatching(/tiny.*Log in http:\/\/127\.0\.0\.1\/login/),
        }),
      );
    }));
});
