import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { AgentDaemon, NOT_INSTALLED, type RealAgent } from "../support/agent-daemon.ts";
import { LiveSession } from "../support/live-session.ts";
import { brief } from "../support/session-events.ts";
import { Random } from "../support/random.ts";
import { realAgent, type RealAgentId } from "../support/real-agents.ts";
import { Bystander, type Waits } from "./bystander.ts";
import { compileCache, shellCommand } from "../support/program.ts";

/** Copies of each line of the agent; Amp prints few lines. */
const COPIES = { claude: 12, codex: 12, opencode: 12, amp: 60 };
/** Turns of one session. */
const TURNS = 12;
/** A turn that takes longer is interrupted. */
const TURN_MS = 15_000;
const MESSAGES = ["text", "bash", "think", "write", "blocks", "parallel", "bashfail"];

/** The figures of a fuzzed agent. */
export interface FuzzReport extends Waits {
  agent: string;
  seed: number;
  /** Hostile lines that the agent has printed. */
  lines: number;
  turns: number;
  /** Turns that ended only when they were interrupted. */
  stuck: number;
  statuses: Record<string, number>;
  unparsed: number;
  slowestInterruptMs: number;
}

/** Runs turns of a real agent that adds hostile copies to its lines, up to a number of copies. */
export async function fuzz<M extends AsyncDisposable>(
  agent: RealAgent<M>,
  { lines, seed = new Random().seed }: { lines: number; seed?: number },
): Promise<FuzzReport> {
  console.log(`${agent.id}: SEED=${seed}, ${lines} hostile lines`);
  const report: FuzzReport = {
    agent: agent.id,
    seed,
    lines: 0,
    turns: 0,
    stuck: 0,
    statuses: {},
    unparsed: 0,
    slowestInterruptMs: 0,
    slowestHealthMs: 0,
    slowestBystanderMs: 0,
    bystanderTurns: 0,
  };
  await using started = await AgentDaemon.start(wrapped(agent, seed), {
    installDir: NOT_INSTALLED,
  });
  const { url } = started.daemon;
  await using bystander = await Bystander.start(url, await started.directory("bystander"));
  const random = new Random(seed);
  const folder = countsOf(started.home.dir);
  for (let number = 1; report.lines < lines; number++) {
    const directory = await started.directory(`fuzzed-${number}`);
    const body = { agent: agent.id, ...agent.body, directory };
    const session = await LiveSession.open(url, `fuzzed-${number}`, body, { mark: false });
    const replies = replyToAll(session);
    for (let turn = 0; turn < TURNS && report.lines < lines; turn++) {
      await runTurn(session, random, report);
      report.lines = await countIn(folder);
    }
    await fetch(`${url}/v1/sessions/fuzzed-${number}/terminate`, { method: "POST" });
    await session.until("session.ended");
    await replies.stop();
    await session.abandon();
    report.unparsed += session.of("agent.unparsed").length;
    expectPairs(session);
  }
  Object.assign(report, bystander.waits);
  return report;
}

/** Sends a message, perhaps interrupts its turn, and waits for the end of the turn. */
async function runTurn(session: LiveSession, random: Random, report: FuzzReport): Promise<void> {
  const interrupts = random.next() < 0.2;
  const name = interrupts
    ? "slow"
    : (MESSAGES[Math.floor(random.below(MESSAGES.length))] ?? "text");
  const turn = await session.send(`Please work @@${name}@@`);
  const isOf = ({ data }: { data: { turn_id: string } }): boolean => data.turn_id === turn;
  const reached = async (type: "turn.started" | "turn.ended"): Promise<boolean> =>
    await session.until(type, isOf, TURN_MS).then(
      () => true,
      () => false,
    );
  // A copy of the line that begins a turn begins another turn, which does not end.
  if (!(await reached("turn.started"))) await stopStuck(session, name, report);
  if (!(await reached("turn.started"))) throw new Error(`${turn} has not begun`);
  if (interrupts) {
    // The moment of the interrupt is the stimulus.
    await sleep(random.below(1500));
    await interrupt(session, report);
  } else if (!(await reached("turn.ended"))) await stopStuck(session, name, report);
  const { status } = await session.turnEnded(turn);
  report.turns += 1;
  report.statuses[status] = (report.statuses[status] ?? 0) + 1;
}

/** Interrupts a turn that does not end. */
async function stopStuck(session: LiveSession, name: string, report: FuzzReport): Promise<void> {
  report.stuck += 1;
  const last = session.events.slice(-8).map(brief).join("\n");
  console.log(
    `${report.agent}: a turn must be interrupted (@@${name}@@). The last events:\n${last}`,
  );
  await interrupt(session, report);
}

async function interrupt(session: LiveSession, report: FuzzReport): Promise<void> {
  const before = performance.now();
  await session.interrupt();
  const took = performance.now() - before;
  report.slowestInterruptMs = Math.max(report.slowestInterruptMs, Math.round(took));
}

/** Allows and answers whatever is asked, while there is anything to answer. */
function replyToAll(session: LiveSession): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const answered = new Set<number>();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const event of session.events) {
        const { type, sequence } = event;
        if (type !== "permission.requested" && type !== "question.requested") continue;
        if (answered.has(sequence)) continue;
        answered.add(sequence);
        const replied =
          type === "permission.requested"
            ? session.replyTo(event.data, "once")
            : session.answerTo(event.data, null);
        // A hostile request may be none that the agent waits for.
        await replied.catch(() => undefined);
      }
      await sleep(50);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Every turn has begun once and ended once, one after the other. */
function expectPairs(session: LiveSession): void {
  let open: string | undefined;
  for (const event of session.events) {
    if (event.type !== "turn.started" && event.type !== "turn.ended") continue;
    const { turn_id } = event.data;
    const fits = event.type === "turn.started" ? open === undefined : open === turn_id;
    if (!fits) throw new Error(`${event.type} of ${turn_id} while ${open ?? "no turn"} runs`);
    open = event.type === "turn.started" ? turn_id : undefined;
  }
  if (open !== undefined) throw new Error(`${open} has not ended`);
}

/** The agent with the wrapper in the place of its executable. */
function wrapped<M extends AsyncDisposable>(agent: RealAgent<M>, seed: number): RealAgent<M> {
  return {
    ...agent,
    env: (model, home) => ({
      ...agent.env(model, home),
      PATH: `${join(home.dir, "bin")}:${home.env["PATH"]}`,
    }),
    async prepare(home, model) {
      await agent.prepare?.(home, model);
      const id = agent.id as RealAgentId;
      const { path } = await realAgent(id);
      await mkdir(join(home.dir, "bin"));
      await mkdir(countsOf(home.dir));
      const variables = [
        `HOSTILE_SEED=${seed}`,
        `HOSTILE_COPIES=${COPIES[id]}`,
        `HOSTILE_FOLDER='${countsOf(home.dir)}'`,
      ];
      const args = [...compileCache, join(import.meta.dirname, "wrapper.ts"), path];
      const command = shellCommand({ file: process.execPath, args });
      const script = `#!/bin/sh\nexec env ${variables.join(" ")} ${command} "$@"\n`;
      await writeFile(join(home.dir, "bin", id), script, { mode: 0o755 });
    },
  };
}

/** Where the wrapper counts its lines. */
function countsOf(home: string): string {
  return join(home, "hostile");
}

async function countIn(folder: string): Promise<number> {
  const files = await readdir(folder);
  const counts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return counts.reduce((sum, count) => sum + Number(count), 0);
}
