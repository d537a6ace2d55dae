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
  for (const message of sent) {
    const { method, id, params } = message;
    const translator = translators.get(params?.threadId ?? "");
    if (method === undefined || id !== undefined || !params || !translator) continue;
    const own = params.threadId === main;
    if (own && method === "turn/started") translator.beginTurn();
    const outputs = translator.translate(method, params, JSON.stringify(message));
    if (method === "turn/completed") {
      outputs.push(...translator.endTurn(params.turn?.status === "interrupted"));
    }
    for (const [thread, call] of translator.takeChildren()) {
      translators.set(thread, new Translator({ parentNativeId: call, subagent: { id: thread } }));
    }
    yield { method: own ? method : undefined, outputs };
  }
}

/** The golden events of a recording of Codex. */
export function codexGolden(lines: readonly string[]): string {
  return goldenText([...translateCodex(lines)].flatMap(({ outputs }) => outputs));
}
