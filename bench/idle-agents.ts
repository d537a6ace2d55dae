import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants, listProcesses } from "../src/io/process-table.ts";
import { claudeUnderTest } from "../test/support/agents/claude.ts";
import { createSession, openStream, send } from "./support/client.ts";
import { type Measure, repeat, type Scale } from "./support/measure.ts";
import { withRealAgent } from "./support/real-daemon.ts";
import type { Daemon } from "./support/target.ts";

const MB = 1e6;
const RELEASE_MS = 60_000;

/** What sessions cost whose real Claude Code has nothing to do. */
export const idleAgentMeasures: Measure[] = [
  idleAgents(
    "idle-claude",
    "let go when idle (--agent-idle 2s)",
    ["--agent-idle", "2s"],
    async (daemon) => await untilAlone(daemon),
  ),
  idleAgents(
    "idle-claude-kept",
    "kept (--agent-idle 0)",
    ["--agent-idle", "0"],
    async (_, { quick }) => await sleep(quick ? 100 : 5000),
  ),
];

function idleAgents(
  name: string,
  how: string,
  args: string[],
  settle: (daemon: Daemon, scale: Scale) => Promise<void>,
): Measure {
  return {
    name,
    method: `memory of the daemon and all its agents, shared pages counted once, after ten sessions of the real Claude Code had a turn each, their processes ${how}`,
    unit: "MB",
    lessIsBetter: true,
    run: async (target, scale) =>
      await withRealAgent(
        target,
        claudeUnderTest,
        async (daemon) => {
          await repeat(scale.quick ? 1 : 10, async (n) => await oneTurn(daemon, `s${n}`));
          await settle(daemon, scale);
          return { value: (await memoryOf(daemon)) / MB };
        },
        args,
      ),
  };
}

async function oneTurn(daemon: Daemon, id: string): Promise<void> {
  await createSession(daemon, id, "claude", claudeUnderTest.body);
  const socket = await openStream(daemon, `/v1/sessions/${id}/events/sse`);
  await send(daemon, id, "hi @@text@@");
  let tail = "";
  for await (const piece of socket) {
    tail = (tail + Buffer.from(piece).toString()).slice(-100_000);
    if (tail.includes('"type":"turn.ended"')) break;
  }
  socket.destroy();
}

async function processesOf(daemon: Daemon): Promise<number[]> {
  const below = descendants(daemon.pid, await listProcesses());
  return [daemon.pid, ...below.map(({ pid }) => pid)];
}

async function untilAlone(daemon: Daemon): Promise<void> {
  const deadline = performance.now() + RELEASE_MS;
  while ((await processesOf(daemon)).length > 1) {
    if (performance.now() > deadline) throw new Error("its agents are not let go");
    await sleep(200);
  }
}

/** Pages that several processes share are counted once (PSS), in bytes. */
async function memoryOf(daemon: Daemon): Promise<number> {
  const sizes = await Promise.all((await processesOf(daemon)).map(shareOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function shareOf(pid: number): Promise<number> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
  } catch (error) {
    // Claude Code starts processes that live for a moment, after a turn too (2.1.330).
    if (hasGone(error)) return 0;
    throw error;
  }
}

function hasGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ESRCH";
}
