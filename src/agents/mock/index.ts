import type { Agent } from "../agent.ts";
import { EVERYTHING } from "../capabilities.ts";
import { answer, firstWord, userEcho } from "./answer.ts";
import type { MockScript } from "./scripts.ts";
import { MockSession } from "./session.ts";

export type { MockScript } from "./scripts.ts";

/** How a mock agent behaves; for tests. */
export interface MockOptions {
  /** Milliseconds after everything it says; default 200. */
  pauseMs?: number;
  /** By first word of a message: what is said instead of the mock's own answer. */
  scripts?: Readonly<Record<string, MockScript>>;
}

/** An agent inside the daemon that shows every kind of event, for building and testing clients. */
export function createMockAgent({ pauseMs = 200, scripts = {} }: MockOptions = {}): Agent {
  const given = new Map(Object.entries(scripts));
  const script: MockScript = function* (turn) {
    if (!turn.text) return;
    yield* userEcho(turn);
    yield* (given.get(firstWord(turn.text)) ?? answer)(turn);
  };
  return {
    id: "mock",
    capabilities: { ...EVERYTHING, sharedProcess: false },
    modes: [
      { id: "build", name: "Build", description: "Plays scripted events for testing a UI." },
      { id: "plan", name: "Plan", description: "Plays the same events as a plan-only agent." },
    ],
    permissionModes: { default: "default", plan: "plan", bypass: "bypass", acceptEdits: "default" },
    providers: [],
    defaultModel: "mock",
    models: async () => ({ models: [{ id: "mock", name: "Mock" }], defaultModel: "mock" }),
    open: async (options) => new MockSession(options, { script, pauseMs }),
  };
}
