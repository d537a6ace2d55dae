import type { AgentOutput } from "../../../src/agents/agent.ts";
import { Translator } from "../../../src/agents/codex/translate.ts";
import { goldenText } from "../golden.ts";

/** The members of a message of `codex app-server` that a translation looks at. */
interface CodexMessage {
  readonly method?: string;
  readonly id?: number;
  readonly params?: Record<string, unknown> & {
    readonly threadId?: string;
    readonly turn?: { readonly status: string };
  };
  readonly result?: { readonly thread?: { readonly id: string } };
}

/** The events of one notification; the method is absent when a subagent's thread sent it. */
export interface TranslatedNotification {
  readonly method: string | undefined;
  readonly outputs: AgentOutput[];
}

/** Translates the notifications of the first thread of a recording, and of its subagents. */
export function* translateCodex(recording: readonly string[]): Generator<TranslatedNotification> {
  // Not parsed by a schema, which would change the order of the members.
  const lines = recording.map((text) => JSON.parse(text) as { from: string; line: CodexMessage });
  const sent = lines.flatMap(({ from, line }) => (from === "server" ? [line] : []));
  const main = sent.find(({ result }) => result?.thread)?.result?.thread?.id ?? "none";
  const translators = new Map([[main, new Translator()]]);
  // A subagent sends its first messages before its parent names it (0.171.0), as in a session.
  const early: CodexMessage[] = [];
  for (const message of sent) {
    const thread = message.params?.threadId ?? "";
    const translator = translators.get(thread);
    if (!translator) {
      early.push(message);
      continue;
    }
    const own = thread === main;
    const { method } = message;
    yield { method: own ? method : undefined, outputs: translated(message, translator, own) };
    for (const [child, call] of translator.takeChildren()) {
      const place = { parentNativeId: call, subagent: { id: child } };
      const below = new Translator(place);
      translators.set(child, below);
      for (const kept of early.filter(({ params }) => params?.threadId === child)) {
        yield { method: undefined, outputs: translated(kept, below, false) };
      }
    }
  }
}

function translated(message: CodexMessage, translator: Translator, own: boolean): AgentOutput[] {
  const { method, id, params } = message;
  if (method === undefined || id !== undefined || !params) return [];
  if (own && method === "turn/started") translator.beginTurn();
  const outputs = translator.translate(method, params, JSON.stringify(message));
  if (method !== "turn/completed") return outputs;
  return [...outputs, ...translator.endTurn(params.turn?.status === "interrupted")];
}

/** The golden events of a recording of Codex. */
export function codexGolden(lines: readonly string[]): string {
  return goldenText([...translateCodex(lines)].flatMap(({ outputs }) => outputs));
}
