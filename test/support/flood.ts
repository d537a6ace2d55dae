import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOutput } from "../../src/agents/agent.ts";
import type { Session } from "../../src/sessions/session.ts";

/** What an agent may say that is hard to keep: quotes, a NUL, half a surrogate pair, long lines. */
const texts = [
  "a few words ",
  'she said "no" \\ {}\n\t',
  "zero \u0000 byte, \\u0000 no byte",
  "half a pair \ud83d and a whole one 🚀",
  "long ".repeat(2000),
];

/** Makes a session's agent talk, a little every now and then, until told to stop. */
export async function flood(session: Session, signal: AbortSignal, everyMs = 10): Promise<void> {
  for (let spoken = 0; !signal.aborted; spoken += 5) {
    const outputs = texts.map((text, index): AgentOutput => ({
      type: "item.delta",
      nativeId: "flood",
      delta: `${spoken + index} ${(spoken / 5) % 8 === 0 || text.length < 100 ? text : ""}`,
    }));
    session.receive(outputs);
    await sleep(everyMs);
  }
}
