import { expect, it } from "vitest";
import type { AgentOutput } from "../../../src/agents/agent.ts";
import type { ServerEvent } from "../../../src/agents/opencode/events.ts";
import { Pending } from "../../../src/agents/opencode/pending.ts";
import { OpencodeServer } from "../../../src/agents/opencode/server.ts";
import { Translator } from "../../../src/agents/opencode/translate.ts";
import { KnownFiles } from "../../../src/agents/file-facts.ts";
import { Child } from "../../../src/io/child.ts";
import { fakeTimers } from "../../support/fake-timers.ts";

const SESSION = "ses_1";
/** Time limit for the input of a call, in milliseconds. */
const UNNAMED_MS = 10_000;

function event(type: string, properties: Record<string, unknown>): ServerEvent {
  return { type, properties, sessionId: SESSION, raw: JSON.stringify({ type, properties }) };
}

/** A permission of a session, and the event that reports the input of its call. */
function asked(number: number) {
  const callID = `call_${number}`;
  const messageID = `msg_${number}`;
  const input = { command: `touch ${number}.txt`, timeout: number };
  const part = { type: "tool", id: `prt_${number}`, messageID, callID, tool: "bash" };
  return {
    permission: event("permission.asked", {
      id: `per_${number}`,
      sessionID: SESSION,
      permission: "bash",
      patterns: [input.command],
      metadata: { command: input.command },
      always: [],
      tool: { messageID, callID },
    }),
    running: event("message.part.updated", {
      sessionID: SESSION,
      part: { ...part, sessionID: SESSION, state: { status: "running", input } },
    }),
    shown: { id: `per_${number}`, metadata: { input } },
  };
}

/** A session of a server that is never started, with the permissions that it shows. */
function listening() {
  const server = new OpencodeServer({
    executable: "/bin/false",
    env: {},
    idleMs: 0,
    startChild: (options) => Child.start(options),
  });
  const shown: unknown[] = [];
  const emit = (output: AgentOutput) => {
    if (output.type === "permission.requested") shown.push(output.request);
  };
  const pending = new Pending({
    server,
    directory: "/work",
    files: new KnownFiles(),
    mode: () => "default",
    emit,
  });
  const heard = { id: SESSION, translator: new Translator(), own: true };
  const hear = (one: ServerEvent) => {
    heard.translator.translate(one);
    pending.hear(one, heard);
  };
  return { hear, shown };
}

it("Pending shows no permission without its input when an earlier time limit passes", async () => {
  using timers = fakeTimers();
  const { hear, shown } = listening();
  const [first, second] = [asked(1), asked(2)];
  hear(first.permission);
  hear(first.running);
  await timers.advance(UNNAMED_MS - 1);
  hear(second.permission);
  await timers.advance(1);
  expect(shown).toMatchObject([first.shown]);
  hear(second.running);
  expect(shown).toMatchObject([first.shown, second.shown]);
});

it("Pending shows a permission whose input does not arrive after the time limit", async () => {
  using timers = fakeTimers();
  const { hear, shown } = listening();
  hear(asked(1).permission);
  await timers.advance(UNNAMED_MS - 1);
  expect(shown).toEqual([]);
  await timers.advance(1);
  expect(shown).toMatchObject([{ id: "per_1" }]);
});
