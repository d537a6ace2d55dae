import { setFlagsFromString } from "node:v8";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { ChildUser } from "../../io/child-user.ts";
import { loadLibc } from "../../io/libc.ts";
import { makeUnreadable } from "../../io/own-process.ts";
import { requireThreads } from "../../io/thread-limit.ts";
import { Secrets } from "../../credentials/secrets.ts";
import { garbage } from "../../io/garbage.ts";
import type { AgentCatalog } from "../../server/agent-catalog.ts";
import { defaultEventBuffer } from "../event-buffer-size.ts";
import { greeting } from "../greeting.ts";
import type { InstallOptions } from "../install-options.ts";
import { endOnUnhandledErrors } from "../last-resort.ts";
import { leave } from "../leave.ts";
import { listen } from "../listen.ts";
import { createLog } from "../log.ts";
import { selfCommand } from "../self.ts";
import { type Exposure, startWarnings } from "../start-warnings.ts";
import { stopSignal } from "../stop-signal.ts";
import { sweep } from "../sweep.ts";
import type { RepositorySettings } from "../../schema/session.ts";
import { requireToken, type TokenOptions, tokenPlace } from "../token.ts";

/** After the start. */
const WARM_UP_MS = 100;

/** SIGTERM ends the process within 10 s. */
const END_MS = 9_800;

/** What the command line gives. No schema reads it: to load one would be a seventh of a start. */
export interface ServerOptions extends InstallOptions, TokenOptions {
  host: string;
  port: number;
  agentUser?: string;
  corsAllowOrigin?: string[];
  corsAllowMethod?: string[];
  corsAllowHeader?: string[];
  corsAllowCredentials?: boolean;
  allowHost?: string[];
  eventBuffer?: number;
  agentIdle: number;
  repositorySettings?: RepositorySettings;
  logLevel: string;
  logFormat?: "json" | "pretty";
}

/** `sandbox-agent server`: serves until it is told to stop, then ends everything. */
export async function server(options: ServerOptions): Promise<void> {
  boundYoungGeneration();
  const token = await requireToken(options);
  if (options.tokenIsTyped === true) hideArguments();
  await requireThreads();
  makeUnreadable(await loadLibc());
  const agentUser = await findAgentUser(options.agentUser);
  const { withDaemon } = await import("../daemon.ts");
  const secrets = new Secrets({ ...process.env, SANDBOX_AGENT_TOKEN: token });
  const { logger, dropped } = await createLog({
    level: options.logLevel,
    format: options.logFormat,
    redactor: secrets.log,
  });
  warn(logger, {
    host: options.host,
    token,
    tokenIsTyped: options.tokenIsTyped === true,
    corsOrigins: options.corsAllowOrigin ?? [],
  });
  const stopped = stopSignal({ withStdin: process.env["SANDBOX_AGENT_STOP_WITH_STDIN"] === "1" });
  const parts = {
    logger,
    droppedLogLines: dropped,
    secrets,
    agentUser,
    install: options,
    eventBuffer: options.eventBuffer ?? defaultEventBuffer(),
    agentIdle: options.agentIdle,
    repositorySettings: options.repositorySettings,
    auth: { token },
    bindHost: options.host,
    allowedHosts: options.allowHost ?? [],
    cors: {
      origins: options.corsAllowOrigin ?? [],
      methods: options.corsAllowMethod,
      headers: options.corsAllowHeader,
      credentials: options.corsAllowCredentials ?? false,
    },
  };
  await withDaemon(parts, async ({ app, catalog, eventBytes, stop, abandon }) => {
    endOnUnhandledErrors(logger, abandon);
    await listen(app, { host: options.host, port: options.port });
    const address = app.server.address();
    const port = typeof address === "object" ? (address?.port ?? options.port) : options.port;
    process.stdout.write(greeting({ host: options.host, port, token: tokenPlace(options) }));
    garbage.watch(eventBytes);
    const told = untilStopped(stopped, logger);
    const warm = warmUp(logger, catalog);
    // Work that never ends, such as a blocked read, must not keep the daemon from ending.
    await Promise.race([told, warm.then(() => told)]);
    await stop();
  });
}

async function untilStopped(stopped: Promise<unknown>, logger: Logger): Promise<void> {
  logger.info({ cause: await stopped }, "stopping");
  void endAtLatest(logger);
}

/** Ends the process when something still keeps it, such as a thread of Node's pool that is blocked. */
async function endAtLatest(logger: Logger): Promise<void> {
  await sleep(END_MS, undefined, { ref: false });
  logger.error("the process did not end in time");
  await leave(1);
}

/**
 * What can wait until whoever waits for the daemon has been answered: the remains of others are ended,
 * and the agents on PATH are asked for their versions, which takes them up to a second.
 */
async function warmUp(logger: Logger, catalog: AgentCatalog): Promise<void> {
  await sleep(WARM_UP_MS, undefined, { ref: false });
  await sweep(logger);
  await catalog.list();
  shrink();
}

/**
 * Keeps what V8 sets aside for new objects at about 9 MB. It would grow to 48 MB under a flood of
 * events, all of which are garbage a moment later (Node 24; other runtimes have no such setting).
 */
function boundYoungGeneration(): void {
  if (!process.versions["bun"]) setFlagsFromString("--semi-space-growth-factor=1");
}

/**
 * What the start has left in memory goes now: Bun (1.4) keeps these 2 MB until much more has come, which
 * may be never where the daemon waits. V8 shrinks by itself.
 */
function shrink(): void {
  (globalThis as typeof globalThis & { Bun?: { shrink(): void } }).Bun?.shrink();
}

/** Overwrites the command line, as far as the runtime can: Bun (1.4) cannot. */
function hideArguments(): void {
  process.title = "sandbox-agent server";
}

async function findAgentUser(name: string | undefined): Promise<ChildUser | undefined> {
  if (name === undefined) return undefined;
  const { findChildUser } = await import("../../io/child-user.ts");
  return findChildUser(name, { path: process.env["PATH"], probe: selfCommand(["--version"]) });
}

function warn(logger: Logger, exposure: Exposure): void {
  for (const warning of startWarnings(exposure)) logger.warn(warning);
  if (process.pid === 1) {
    logger.warn("this is PID 1: run it under an init (docker run --init), which reaps processes");
  }
}
