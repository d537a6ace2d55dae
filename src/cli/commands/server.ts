import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import { allAgents } from "../../agents/all.ts";
import type { Agent, OpenOptions } from "../../agents/agent.ts";
import { Credentials } from "../../credentials/credentials.ts";
import { Child } from "../../io/child.ts";
import { ownerPrefix, sweepOrphans } from "../../io/owner.ts";
import { ParentDeath } from "../../io/parent-death.ts";
import { AgentCatalog } from "../../server/agent-catalog.ts";
import { createApp } from "../../server/app.ts";
import { EventBuffer } from "../../sessions/event-buffer.ts";
import { Sessions } from "../../sessions/sessions.ts";
import { version } from "../../version.ts";
import { createInstaller, InstallOptions } from "../install-options.ts";
import { createLogger } from "../log.ts";
import { selfCommand } from "../self.ts";
import { stopSignal } from "../stop-signal.ts";
import { greeting } from "../greeting.ts";

/** SIGTERM ends everything within 10 s; what hangs longer than this is left to the kernel. */
const STOP_MS = 9_500;
/** How long connections may take to end by themselves once all work has ended. */
const LINGER_MS = 500;

/** Nobody who asks for an agent, or for a session of it, waits longer for a version. */
const VERSION_PATIENCE_MS = 10;

const Options = InstallOptions.extend({
  host: z.string(),
  port: z.number(),
  token: z.union([z.string(), z.literal(false)]).optional(),
  corsAllowOrigin: z.array(z.string()).default([]),
  corsAllowMethod: z.array(z.string()).optional(),
  corsAllowHeader: z.array(z.string()).optional(),
  corsAllowCredentials: z.boolean().default(false),
  allowHost: z.array(z.string()).default([]),
  eventBuffer: z.number(),
  agentIdle: z.number(),
  logLevel: z.string(),
  logFormat: z.enum(["json", "pretty"]).optional(),
});

/** `sandbox-agent server`: builds the parts, hands them to each other, and ends them in turn. */
export async function server(given: unknown): Promise<void> {
  const options = Options.parse(given);
  const { env } = process;
  boundYoungGeneration();
  const token = requireToken(options.token);
  const logger = await createLogger({ level: options.logLevel, format: options.logFormat });
  warn(logger, options.host, token);
  const stopped = stopSignal({ withStdin: env["SANDBOX_AGENT_STOP_WITH_STDIN"] === "1" });
  const swept = await sweepOrphans();
  if (swept.length > 0) logger.warn({ pids: swept }, "ended processes that a dead daemon left");

  await using parentDeath = await ParentDeath.create({
    path: env["PATH"],
    guardian: selfCommand(["guardian"]),
  });
  await using installer = createInstaller(options, env, { versionPatienceMs: VERSION_PATIENCE_MS });
  const owner = await ownerPrefix();
  const startChild: OpenOptions["startChild"] = (child) =>
    Child.start({ ...child, marker: `${owner}:${randomUUID()}`, parentDeath });
  const agents = allAgents();
  await using shared = disposing(agents);
  const home = env["HOME"] ?? homedir();
  const credentials = new Credentials({ agents, env, home, os: process.platform });
  await using sessions = new Sessions({
    agents,
    buffer: new EventBuffer(options.eventBuffer),
    directory: process.cwd(),
    agentIdleMs: options.agentIdle,
    env,
    uid: process.getuid?.() ?? -1,
    childEnv: (agent, session) => credentials.environment(agent, session),
    startChild,
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
      const { examine } = await import("../../doctor/doctor.ts");
      const directory = process.cwd();
      const parts = { installer, credentials, env, directory, startChild };
      return await examine(agent, { ...parts, ...asked });
    },
    directory: process.cwd(),
    startChild,
  });
  const app = createApp({
    sessions,
    catalog,
    version,
    logger,
    auth: { token },
    bindHost: options.host,
    allowedHosts: options.allowHost,
    cors: {
      origins: options.corsAllowOrigin,
      methods: options.corsAllowMethod,
      headers: options.corsAllowHeader,
      credentials: options.corsAllowCredentials,
    },
  });
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  const port = typeof address === "object" ? (address?.port ?? options.port) : options.port;
  process.stdout.write(greeting({ host: options.host, port, token: token !== undefined }));
  // Asks the agents on PATH for their versions, which takes them up to a second: later nobody waits.
  const [cause] = await Promise.all([stopped, catalog.list()]);
  logger.info({ cause }, "stopping");
  await Promise.race([
    stop(app, [sessions, installer], shared),
    sleep(STOP_MS).then(() => {
      logger.error("some work did not end in time");
      // Leaving this scope would wait for the same work again. The children die with us.
      process.exit(1);
    }),
  ]);
}

/** Ends the work first: so every reader is told of the end of its session. */
async function stop(
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

/**
 * Keeps what V8 sets aside for new objects at about 9 MB. It would grow to 48 MB under a flood of
 * events, all of which are garbage a moment later (Node 24; other runtimes have no such setting).
 */
function boundYoungGeneration(): void {
  if (!process.versions["bun"]) setFlagsFromString("--semi-space-growth-factor=1");
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

function requireToken(token: string | false | undefined): string | undefined {
  if (token === false) return undefined;
  if (token !== undefined && token !== "") return token;
  throw new Error(
    "a token is needed: give --token <token> or set SANDBOX_AGENT_TOKEN, or give --no-token to serve without one",
  );
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
