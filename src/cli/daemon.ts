import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { allAgents } from "../agents/all.ts";
import type { Agent, OpenOptions } from "../agents/agent.ts";
import { Credentials } from "../credentials/credentials.ts";
import type { Redactor, Secrets } from "../credentials/secrets.ts";
import type { Installer } from "../install/installer.ts";
import { Child, type ChildOptions } from "../io/child.ts";
import { type ChildUser, userVariables } from "../io/child-user.ts";
import { loadLibc } from "../io/libc.ts";
import { OpenFiles } from "../io/open-files.ts";
import { Subreaper } from "../io/own-process.ts";
import { ownerPrefix } from "../io/owner.ts";
import { AgentCatalog } from "../server/agent-catalog.ts";
import { Metrics, type TurnObservation } from "../server/metrics.ts";
import type { TurnEndedMetadata } from "../schema/event.ts";
import type { RepositorySettings } from "../schema/session.ts";
import { createApp, type ServerParts } from "../server/app.ts";
import { EventBuffer } from "../sessions/event-buffer.ts";
import { Sessions } from "../sessions/sessions.ts";
import { version } from "../version.ts";
import { inspectorFiles } from "./inspector-files.ts";
import { findParentDeath } from "./find-parent-death.ts";
import { createInstaller, type InstallOptions } from "./install-options.ts";
import { leave } from "./leave.ts";
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
  /** For sessions that do not set it. */
  repositorySettings?: RepositorySettings | undefined;
  logger: Logger;
  /** Returns the number of log lines that have been dropped. */
  droppedLogLines: () => number;
  /** Secrets of the daemon, to which those of agents and sessions are added. */
  secrets: Secrets;
  /** The user that agents run as; the daemon's own when it is not given. */
  agentUser?: ChildUser | undefined;
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
  /** The same for a daemon that cannot leave its scope: also ends processes without another owner. */
  abandon: () => Promise<void>;
}

/** Builds the parts of a daemon, hands them to each other and to `use`, and ends them after it. */
export async function withDaemon<T>(
  options: DaemonOptions,
  use: (daemon: Daemon) => Promise<T>,
): Promise<T> {
  const { logger, droppedLogLines, secrets, install, agentUser, ...others } = options;
  const { eventBuffer, agentIdle, repositorySettings, ...access } = others;
  const env = { ...process.env, ...(agentUser && userVariables(agentUser)) };
  // Declared first and so disposed of last: it ends processes that no other owner could find.
  await using subreaper = Subreaper.start(await loadLibc());
  await using parentDeath = await findParentDeath();
  const metrics = new Metrics(droppedLogLines);
  await using installer = createInstaller(install, env, {
    versionPatienceMs: VERSION_PATIENCE_MS,
    user: agentUser,
    onInstalled: (observed) => metrics.installEnded(observed),
    log: { info: (line) => logger.info(line), warn: (line) => logger.warn(line) },
    onSecrets: (texts) => secrets.add(asVariables(texts)),
  });
  const owner = await ownerPrefix();
  const openFiles = new OpenFiles();
  const shortage = () => openFiles.shortage();
  const startChild = (child: ChildOptions, { redact }: Redactor): Child =>
    Child.start({
      ...child,
      marker: `${owner}:${randomUUID()}`,
      parentDeath,
      user: agentUser,
      shortage,
      redact,
    });
  /** Starts a process that belongs to no session. */
  const startOwn: OpenOptions["startChild"] = (child) => {
    secrets.add(child.env);
    return startChild(child, secrets);
  };
  const agents = allAgents();
  await using shared = disposing(agents);
  const home = env["HOME"] ?? homedir();
  const credentials = new Credentials({ agents, env, home, os: process.platform });
  await using sessions = new Sessions({
    agents,
    buffer: new EventBuffer(eventBuffer),
    directory: process.cwd(),
    agentIdleMs: agentIdle,
    repositorySettings,
    env,
    uid: agentUser?.uid ?? process.getuid?.() ?? -1,
    childGroup: agentUser?.gid,
    installDir: installer.installDir,
    async childEnv(agent, session) {
      const given = await credentials.environment(agent, session);
      secrets.add(given);
      return given;
    },
    secretsOf: (session) => secrets.ofSession(session),
    startChild(options, agent, redactor) {
      const child = startChild(options, redactor);
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
      const group = { childGroup: agentUser?.gid };
      const parts = { installer, credentials, env, directory, startChild: startOwn, ...group };
      return secrets.redactIn(await examine(agent, { ...parts, ...asked }));
    },
    directory: process.cwd(),
    startChild: startOwn,
    redact: secrets.redactIn,
  });
  const app = createApp({
    redact: secrets.redactIn,
    sessions,
    catalog,
    version,
    metrics,
    logger,
    openFiles,
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
  const abandon = async (): Promise<void> => {
    try {
      await stop();
    } finally {
      await subreaper?.[Symbol.asyncDispose]();
    }
  };
  const eventBytes = () => sessions.buffer.usedBytes;
  return await use({ app, catalog, installer, eventBytes, stop, abandon });
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
  await leave(1);
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

/** Names texts like variables, because `Secrets` recognises secrets by the names of variables. */
function asVariables(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text, index) => [`NPM_SECRET_${index}`, text]));
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
