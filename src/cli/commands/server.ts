import { setFlagsFromString } from "node:v8";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { Secrets } from "../../credentials/secrets.ts";
import type { AgentCatalog } from "../../server/agent-catalog.ts";
import { greeting } from "../greeting.ts";
import type { InstallOptions } from "../install-options.ts";
import { endOnUnhandledErrors } from "../last-resort.ts";
import { listen } from "../listen.ts";
import { createLogger } from "../log.ts";
import { stopSignal } from "../stop-signal.ts";
import { sweep } from "../sweep.ts";
import { requireToken } from "../token.ts";

/** After the start. */
const WARM_UP_MS = 100;

/** SIGTERM ends the process within 10 s. */
const END_MS = 9_800;

/** What the command line gives. No schema reads it: to load one would be a seventh of a start. */
export interface ServerOptions extends InstallOptions {
  host: string;
  port: number;
  token?: string | false;
  corsAllowOrigin?: string[];
  corsAllowMethod?: string[];
  corsAllowHeader?: string[];
  corsAllowCredentials?: boolean;
  allowHost?: string[];
  eventBuffer: number;
  agentIdle: number;
  logLevel: string;
  logFormat?: "json" | "pretty";
}

/** `sandbox-agent server`: serves until it is told to stop, then ends everything. */
export async function server(options: ServerOptions): Promise<void> {
  boundYoungGeneration();
  const token = requireToken(options.token);
  const { withDaemon } = await import("../daemon.ts");
  const secrets = new Secrets({ ...process.env, SANDBOX_AGENT_TOKEN: token });
  const logger = await createLogger({
    level: options.logLevel,
    format: options.logFormat,
    redact: (line) => secrets.redact(line),
  });
  warn(logger, options.host, token);
  const stopped = stopSignal({ withStdin: process.env["SANDBOX_AGENT_STOP_WITH_STDIN"] === "1" });
  const parts = {
    logger,
    secrets,
    install: options,
    eventBuffer: options.eventBuffer,
    agentIdle: options.agentIdle,
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
  await withDaemon(parts, async ({ app, catalog, stop }) => {
    endOnUnhandledErrors(logger, stop);
    await listen(app, { host: options.host, port: options.port });
    const address = app.server.address();
    const port = typeof address === "object" ? (address?.port ?? options.port) : options.port;
    process.stdout.write(greeting({ host: options.host, port, token: token !== undefined }));
    const told = untilStopped(stopped, logger);
    const warm = warmUp(logger, catalog);
    // Work that never ends, such as a blocked read, must not keep the daemon from ending.
    await Promise.race([told, warm.then(() => told)]);
    warm.catch(() => undefined);
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
  process.kill(process.pid, "SIGKILL");
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

function warn(logger: Logger, host: string, token: string | undefined): void {
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  if (token === undefined && !loopback) {
    logger.warn(`NO TOKEN: whoever reaches ${host} can run commands here`);
  }
  if (process.pid === 1) {
    logger.warn("this is PID 1: run it under an init (docker run --init), which reaps processes");
  }
}
