import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { RealAgent } from "../test/support/agent-daemon.ts";
import { ampUnderTest } from "../test/support/agents/amp.ts";
import { claudeUnderTest } from "../test/support/agents/claude.ts";
import { codexUnderTest } from "../test/support/agents/codex.ts";
import { opencodeUnderTest } from "../test/support/agents/opencode.ts";
import { createSession, eventCount, openStream, send } from "./support/client.ts";
import { type Measure, median, perTarget, repeat, type Scale } from "./support/measure.ts";
import { withRealAgent } from "./support/real-daemon.ts";
import { Daemon, type Target } from "./support/target.ts";

const standIn = perTarget(async (target, { quick }) => {
  await using daemon = await Daemon.start(target);
  return await repeat(quick ? 1 : 5, (index) => twoTurns(daemon, `s${index}`, "deltas 1"));
});

/** Both turns of a real agent, whose scripted model answers at once. */
function real<M extends AsyncDisposable>(agent: RealAgent<M>): Measure[] {
  const { id, body } = agent;
  const both = perTarget(
    async (target, { quick }) =>
      await withRealAgent(target, agent, async (daemon) => {
        const message = "hi @@text@@";
        return await repeat(quick ? 1 : 5, (n) => twoTurns(daemon, `s${n}`, message, { id, body }));
      }),
  );
  return [
    turn(`${id}-first-turn`, `first turn of a session of the real ${id}`, 0, both),
    turn(`${id}-second-turn`, `second turn of a session of the real ${id}`, 1, both),
  ];
}

/** From a message to the first word of the answer. */
export const turnMeasures: Measure[] = [
  turn("turn-1", "first turn of a session of the stand-in agent", 0, standIn),
  turn("turn-2", "second turn of a session of the stand-in agent", 1, standIn),
  ...real(claudeUnderTest),
  ...real(codexUnderTest),
  ...real(opencodeUnderTest),
  ...real(ampUnderTest),
];

type TurnTimes = [first: number, second: number];

function turn(
  name: string,
  what: string,
  which: 0 | 1,
  measure: (target: Target, scale: Scale) => Promise<TurnTimes[]>,
): Measure {
  return {
    name,
    method: `${what}: POST to the first delta, median of 5`,
    unit: "ms",
    lessIsBetter: true,
    async run(target, scale) {
      const times = await measure(target, scale);
      return { value: median(times.map((pair) => pair[which])) };
    },
  };
}

async function twoTurns(
  daemon: Daemon,
  id: string,
  message: string,
  agent: { id: string; body?: object | undefined } = { id: "claude" },
): Promise<TurnTimes> {
  await createSession(daemon, id, agent.id, agent.body);
  const first = await toFirstDelta(daemon, id, message);
  // The agent has told the end of the turn; what it does after that is its own.
  await sleep(300);
  return [first, await toFirstDelta(daemon, id, message)];
}

async function toFirstDelta(daemon: Daemon, id: string, message: string): Promise<number> {
  const offset = await eventCount(daemon, id);
  const socket = await openStream(daemon, `/v1/sessions/${id}/events/sse?offset=${offset}`);
  const begun = performance.now();
  const [, first] = await Promise.all([send(daemon, id, message), firstDelta(socket)]).finally(() =>
    socket.destroy(),
  );
  return first - begun;
}

/** When the first delta came; reads on to the end of the turn. */
async function firstDelta(socket: Socket): Promise<number> {
  let first: number | undefined;
  for await (const piece of socket) {
    const text = Buffer.from(piece).toString();
    // The user's own message has no deltas.
    if (text.includes('"type":"item.delta"')) first ??= performance.now();
    if (text.includes('"type":"turn.ended"')) break;
  }
  if (first === undefined) throw new Error("the turn had no delta");
  return first;
}
