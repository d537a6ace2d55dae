import type { AgentOutput } from "../../../src/agents/agent.ts";
import { EventReader, type ServerEvent } from "../../../src/agents/opencode/events.ts";
import { Translator } from "../../../src/agents/opencode/translate.ts";
import { goldenText } from "../golden.ts";

/** Translates the events of the first session of a recording, and of its subagents. */
export function* translateOpencode(lines: readonly string[]): Generator<AgentOutput[]> {
  const events = eventsOf(lines);
  const main = events.find(({ type }) => type === "session.created")?.sessionId ?? "none";
  const translators = new Map([[main, new Translator()]]);
  for (const event of events) {
    const translator = translators.get(event.sessionId);
    if (!translator) continue;
    const outputs = translator.translate(event);
    for (const [session, call] of translator.takeChildren()) {
      const place = { parentNativeId: call, subagent: { id: session } };
      translators.set(session, new Translator(place));
    }
    yield outputs;
  }
}

/** The golden events of a recording of OpenCode. */
export function opencodeGolden(lines: readonly string[]): string {
  return goldenText([...translateOpencode(lines)].flat());
}

function eventsOf(lines: readonly string[]): ServerEvent[] {
  const reader = new EventReader();
  const encoder = new TextEncoder();
  return lines
    .map((line) => JSON.parse(line) as { event?: object })
    .flatMap(({ event }) =>
      event ? reader.push(encoder.encode(`data: ${JSON.stringify(event)}\n\n`)) : [],
    );
}
