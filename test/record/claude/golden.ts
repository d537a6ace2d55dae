import type { AgentOutput } from "../../../src/agents/agent.ts";
import { Translator } from "../../../src/agents/claude/translate.ts";
import { goldenText } from "../golden.ts";

/** The events of one line, and whether a user's message was handed over before it. */
export interface TranslatedLine {
  readonly handedOver: boolean;
  readonly outputs: AgentOutput[];
}

/** Translates recorded lines of Claude Code as a session does. */
export function* translateClaude(lines: readonly string[]): Generator<TranslatedLine> {
  const translator = new Translator("/work/project");
  for (const raw of lines) {
    const line = JSON.parse(raw);
    const queued = line.type === "command_lifecycle" && line.state === "queued";
    const handedOver = queued && !translator.inTurn;
    if (handedOver) translator.beginTurn(line.command_uuid);
    yield { handedOver, outputs: translator.translate(line, raw) };
  }
}

/** The golden events of a recording of Claude Code. */
export function claudeGolden(lines: readonly string[]): string {
  return goldenText([...translateClaude(lines)].flatMap(({ outputs }) => outputs));
}
