import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { allAgents } from "../agents/all.ts";
import type { Agent, OpenOptions } from "../agents/agent.ts";
import { Credentials } from "../credentials/credentials.ts";
import type { Secrets } from "../credentials/secrets.ts";
import type { Installer } from "../install/installer.ts";
import { Child } from "../io/child.ts";
import { ownerPrefix } from "../io/owner.ts";
import { AgentCatalog } from "../server/agent-catalog.ts";
import { Metrics, type TurnObservation } from "../server/metrics.ts";
import type { TurnEndedMetadata } from "../schema/event.ts";
import { createApp, type ServerParts } from "../server/app.ts";
import { EventBuffer } from "../sessions/event-buffer.ts";
import { Sessions } from "../sessions/sessions.ts";
import { version } from "../version.ts";
import { inspectorFiles } from "./inspector-files.ts";
import { findParentDeath } from "./find-parent-death.ts";
import { createInstaller, type InstallOptions } from "./install-options.ts";
import { selfCommand } from "./self.ts";

/** SIGTERM ends everything within 10 s; what hangs longer than this is left to the kernel. */
const STOP_MS = 9_500;
/** How long connections may take to end by themselves once all work has ended. */
const LINGER_MS = 500;

/** Nobody who asks for an agent, or for a session of it, waits longer for a version. */
const VERSION_PATIENCE_MS = 10;

/** What a daemon is built from, besides its environment. */
export interface DaemonOptions extends Pick<
  ServerParts,
  "auth" | "bindHost" | "allowedHosts" | "cors"
> {
  install: InstallOptions;
  /** Bytes for events. */
  eventBuffer: number;
  /** Milliseconds after which an idle agent's process ends; 0: never. */
  agentIdle: number;
  logger: Logger;
  /** What nobody is to see; whatever agents are given is added. */
  secrets: Secrets;
}

/** The parts of a daemon that whoever runs it deals with. */
export interface Daemon {
  app: FastifyInstance;
  catalog: AgentCatalog;
  installer: Installer;
  /** Memory that the events take. */
  eventBytes: () => number;
  /** Ends all work and then the server, within 10 s; what hangs longer ends the process. */
  stop: () => Promise<void>;
}

/** Builds the parts of a daemon, hands them to each other and to `use`, and ends them after it. */
export async function withDaemon<T>(
  options: DaemonOptions,
  use: (daemon: Daemon) => Promise<T>,
): Promise<T> {
  const { logger, secrets, install, eventBuffer, agentIdle, ...access } = options;
  const { env } = process;
  await using parentDeath = await findParentDeath();
  const metrics = new Metrics();
  await using installer = createInstaller(install, env, {
    versionPatienceMs: VERSION_PATIENCE_MS,
    onInstalled: (observed) => metrics.installEnded(observed),
  });
  const owner = await ownerPrefix();
  const startChild: OpenOptions["startChild"] = (child) => {
    secrets.add(child.env);
    const redact = (text: string) => secrets.redact(text);
    return Child.start({ ...child, marker: `${owner}:${randomUUID()}`, parentDeath, redact });
  };
  const redact = <T>(data: T): T => secrets.redactIn(data);
  const agents = allAgents();
  await using shared = disposing(agents);
  const home = env["HOME"] ?? homedir();
  const credentials = new Credentials({ agents, env, home, os: process.platform });
  await using sessions = new Sessions({
    agents,
    buffer: new EventBuffer(eventBuffer),
    directory: process.cwd(),
    agentIdleMs: agentIdle,
    env,
    uid: process.getuid?.() ?? -1,
    childEnv(agent, session) {
      secrets.add(session);
      return credentials.environment(agent, session);
    },
    redact,
    startChild(options, agent) {
      const child = startChild(options);
      void observe(child, agent, metrics);
      return child;
    },
    onTurnStarted: (agent) => metrics.turnStarted(agent),
    onTurnEnded: (agent, turn) => metrics.turnEnded(toObservation(agent, turn)),
    self: selfCommand,
    async ensureExecutable(agent, agentVersion) {
      if (!agent.recipe) return undefined;
      return (await installer.ensure(agent.id, agent.recipe, agentVersion)).path;
    },
  });
  const catalog = new AgentCatalog({
    agents,
    installer,
    hasCredentials: (agent) => credentials.available(agent),
    childEnv: (agent) => credentials.environment(agent),
    async examine(agent, asked) {
      const { examine } = await import("../doctor/doctor.ts");
      const directory = process.cwd();
      const parts = { installer, credentials, env, directory, startChild };
      return redact(await examine(agent, { ...parts, ...asked }));
    },
    directory: process.cwd(),
    startChild,
    redact,
  });
  const app = createApp({
    redact,
    sessions,
    catalog,
    version,
    metrics,
    logger,
    inspector: inspectorFiles,
    ...access,
  });
  const stop = async (): Promise<void> => {
    const stopped = new AbortController();
    await Promise.race([
      end(app, [sessions, installer], shared).finally(() => stopped.abort()),
      exitLate(logger, stopped.signal),
    ]);
  };
  const eventBytes = () => sessions.buffer.usedBytes;
  return await use({ app, catalog, installer, eventBytes, stop });
}

/** Counts a process, and whether it has ended because somebody wanted it to. */
async function observe(child: Child, agent: string, metrics: Metrics): Promise<void> {
  metrics.processStarted(agent);
  const { code, error } = await child.exited;
  metrics.processEnded(agent, !child.wasAsked && (code !== 0 || error !== undefined));
}

function toObservation(agent: string, turn: TurnEndedMetadata): TurnObservation {
  const { status, error, usage, duration_ms } = turn;
  return {
    agent,
    status,
    seconds: duration_ms / 1000,
    code: error?.code,
    inputTokens: usage?.input_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    costUsd: usage?.cost_usd ?? 0,
  };
}

/** Leaving the scope of the parts would wait for the same work again. The children die with us. */
async function exitLate(logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    await sleep(STOP_MS, undefined, { signal });
  } catch {
    return;
  }
  logger.error("some work did not end in time");
  process.exit(1);
}

/** Ends the work first: so every reader is told of the end of its session. */
async function end(
  app: FastifyInstance,
  work: AsyncDisposable[],
  shared: AsyncDisposable,
): Promise<void> {
  await Promise.all(work.map((part) => part[Symbol.asyncDispose]()));
  await shared[Symbol.asyncDispose]();
  const closed = app.close();
  // A connection on which nothing was ever asked is not idle to Node, and would be waited for.
  await Promise.race([closed, sleep(LINGER_MS, undefined, { ref: false })]);
  app.server.closeAllConnections();
  await closed;
}

/** Ends what the sessions of each agent share. */
function disposing(agents: ReadonlyMap<string, Agent>): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(
        Array.from(agents.values(), async (agent) => agent[Symbol.asyncDispose]?.()),
      );
    },
  };
}
