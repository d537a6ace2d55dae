import type { OpenOptions } from "../../src/agents/agent.ts";
import { createMockAgent, type MockOptions } from "../../src/agents/mock/index.ts";
import type { UniversalEvent } from "../../src/schema/event.ts";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { EventLog } from "../../src/sessions/event-log.ts";
import { QueueBudget } from "../../src/sessions/queue-budget.ts";
import { Session } from "../../src/sessions/session.ts";
import type { SessionHooks } from "../../src/sessions/session-hooks.ts";
import type { SessionSettings } from "../../src/sessions/settings.ts";
import { FakeAgentSession, type FakeBehaviour } from "./fake-agent.ts";

const MIB = 1 << 20;

/** Settings of a session that nothing depends on. */
export const plainSettings: SessionSettings = {
  sessionId: "s",
  agentId: "mock",
  agentMode: "build",
  permissionMode: "default",
  repositorySettings: "ignore",
  model: "mock",
  variant: null,
  directory: "/",
  title: null,
  interaction: {},
};

/** Nothing is secret, and nobody listens. */
const noHooks: SessionHooks = {
  redact: (data) => data,
  queues: new QueueBudget(64 * MIB),
  onTurnStarted: () => undefined,
  onTurnEnded: () => undefined,
};

/** A started session of the mock agent, which does not pause unless told to. */
export async function openMock(options: MockOptions = { pauseMs: 0 }): Promise<Session> {
  const session = new Session(plainSettings, new EventLog(new EventBuffer(64 * MIB)), noHooks);
  const open: OpenOptions = {
    ...plainSettings,
    env: {},
    freshEnv: async () => ({}),
    sessionEnv: {},
    shared: { env: {} },
    executable: undefined,
    idleMs: 0,
    emit: (outputs) => session.receive(outputs),
    startChild: () => {
      throw new Error("the mock agent starts no process");
    },
    self: () => {
      throw new Error("the mock agent starts no process");
    },
  };
  session.start(await createMockAgent(options).open(open));
  return session;
}

/** A started session of a fake agent. */
export function openFake(
  behaviour: FakeBehaviour = {},
  settings: Partial<SessionSettings> = {},
  queues = noHooks.queues,
) {
  const session = new Session(
    { ...plainSettings, ...settings },
    new EventLog(new EventBuffer(64 * MIB)),
    { ...noHooks, queues },
  );
  const agent = new FakeAgentSession((outputs) => session.receive(outputs), behaviour);
  session.start(agent);
  return { session, agent };
}

/** A message without attachments. */
export function text(message: string) {
  return { text: message, attachments: [] };
}

/** Every event of a log, in pieces as the log gives them. */
export function readEvents(log: EventLog, includeRaw = false): UniversalEvent[] {
  const events: UniversalEvent[] = [];
  let sequence = log.firstSequence - 1;
  for (;;) {
    const piece = log.readJson(sequence, { includeRaw });
    if (!piece) return events;
    events.push(...JSON.parse(`[${Buffer.concat(piece.chunks).toString()}]`));
    sequence = piece.lastSequence;
  }
}

/** Waits until the log holds an event that is accepted; returns it. */
export async function untilEvent(
  log: EventLog,
  accept: (event: UniversalEvent) => boolean,
): Promise<UniversalEvent> {
  const deadline = AbortSignal.timeout(60_000);
  while (!deadline.aborted) {
    const rung = log.bell.wait({ signal: deadline });
    const found = readEvents(log).find(accept);
    if (found) return found;
    await rung;
  }
  throw new Error(`the event never came; there are: ${readEvents(log).map(brief).join("; ")}`);
}

/** An event in a few words: sequence, type, `*` where the daemon made it, and what it is about. */
export function brief(event: UniversalEvent): string {
  return `${event.sequence} ${event.type}${event.synthetic ? "*" : ""} ${subject(event)}`.trimEnd();
}

function subject({ type, data }: UniversalEvent): string {
  switch (type) {
    case "turn.started":
      return `${data.turn_id} ${data.metadata.origin}`;
    case "turn.ended":
      return `${data.turn_id} ${data.metadata.status}`;
    case "item.started":
    case "item.completed":
      return `${data.item.item_id} ${data.item.kind} ${data.item.native_item_id}`;
    case "item.delta":
      return data.item_id;
    case "permission.requested":
    case "permission.resolved":
      return `${data.permission_id} ${data.status}`;
    case "question.requested":
    case "question.resolved":
      return `${data.question_id} ${data.status}`;
    case "session.ended":
      return data.reason;
    default:
      return "";
  }
}
