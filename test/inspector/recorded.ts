import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentOutput } from "../../src/agents/agent.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { openFake, readEvents, text } from "../support/session-events.ts";

const fixtures = join(import.meta.dirname, "../fixtures");

/** What a real agent said, as the events of a session. */
export async function recorded(name: string): Promise<UniversalEvent[]> {
  const file = join(fixtures, `${name}.events.json`);
  const outputs: AgentOutput[] = JSON.parse(readFileSync(file, "utf8"));
  const { session } = openFake();
  await using _session = session;
  session.post(text("Go on."));
  session.receive(outputs);
  // What is cut off in the recording ends here.
  await session.interrupt();
  return readEvents(session.log);
}

/** The names of all that was recorded of real agents. */
export const recordings = ["amp", "claude", "codex", "opencode"].flatMap((agent) =>
  readdirSync(join(fixtures, agent))
    .filter((file) => file.endsWith(".events.json"))
    .map((file) => `${agent}/${file.replace(".events.json", "")}`),
);
