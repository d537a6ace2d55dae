import type { Agent } from "../../src/agents/agent.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import type { SessionSecrets } from "../../src/sessions/redact-failure.ts";
import { Sessions, type SessionsOptions } from "../../src/sessions/sessions.ts";

/** Leaves everything as it is. */
export const noSecrets: SessionSecrets = {
  redact: (text) => text,
  redactIn: (data) => data,
  [Symbol.dispose]: () => {},
};

/** The sessions of a daemon that has these agents, none of which needs an executable. */
export function createSessions(agents: Agent[], options: Partial<SessionsOptions> = {}): Sessions {
  return new Sessions({
    agents: new Map(agents.map((agent) => [agent.id, agent])),
    buffer: new EventBuffer(64 << 20),
    directory: "/",
    agentIdleMs: 0,
    env: {},
    uid: 1000,
    childEnv: () => ({}),
    ensureExecutable: async () => undefined,
    secretsOf: () => noSecrets,
    startChild: () => {
      throw new Error("no agent of this test starts a process");
    },
    self: () => {
      throw new Error("no agent of this test starts a process");
    },
    ...options,
  });
}
