import type { AgentOutput } from "../../../src/agents/agent.ts";
import { Translator } from "../../../src/agents/amp/translate.ts";
import { goldenText } from "../golden.ts";

/** A message that was given to the CLI, or the events of a line of the CLI. */
type TranslatedLine = { readonly message: true } | { readonly outputs: AgentOutput[] };

/** Translates a recording of Amp as a session does: one message at a time. */
export function* translateAmp(lines: readonly string[]): Generator<TranslatedLine> {
  const translator = new Translator();
  let waiting = 0;
  for (const text of lines) {
    const { from, line } = JSON.parse(text) as { from: string; line: unknown };
    if (from === "client") waiting += 1;
    if (waiting > 0 && !translator.inTurn) {
      waiting -= 1;
      translator.beginTurn();
      yield { message: true };
    }
    // A session removes text that is not JSON first.
    if (from === "cli" && typeof line === "object") {
      yield { outputs: translator.translate(line, JSON.stringify(line)) };
    }
  }
}

/** The golden events of a recording of Amp. */
export function ampGolden(lines: readonly string[]): string {
  return goldenText(
    [...translateAmp(lines)].flatMap((line) => ("outputs" in line ? line.outputs : [])),
  );
}
