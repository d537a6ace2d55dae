import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { findProcess, isDead, type ProcessEntry, signalProcess } from "../../io/process-table.ts";
import { version } from "../../version.ts";
import { connect } from "../client.ts";
import { DaemonFiles } from "../daemon-files.ts";
import { urlOf } from "../greeting.ts";
import { selfCommand } from "../self.ts";
import { requireToken } from "../token.ts";

const START_MS = 30_000;
const STOP_MS = 10_000;
const KILL_MS = 5_000;
const POLL_MS = 100;
const ASK_MS = 2_000;
const LOG_CHARACTERS = 2_000;

const Address = z.object({ host: z.string(), port: z.number() });
type Address = z.infer<typeof Address>;
const StartOptions = Address.extend({
  token: z.union([z.string(), z.literal(false)]).optional(),
  tokenFile: z.string().optional(),
  upgrade: z.boolean().default(false),
});

/** `sandbox-agent daemon start`: returns when the server answers; a running one is left alone. */
export async function startDaemon(given: unknown): Promise<void> {
  const { upgrade, ...options } = StartOptions.parse(given);
  const token = await requireToken(options);
  const files = new DaemonFiles(options.host, options.port, process.env);
  const url = urlOf(options);
  const running = await files.findProcess();
  const theirs = running && (await files.readVersion());
  if (running && upgrade && theirs !== version) {
    tell(
      `replacing sandbox-agent ${theirs} by ${version} ends ${await describeSessions(url, token)}`,
    );
    await end(running);
  } else if (await isHealthy(options)) {
    tell(
      theirs === undefined || theirs === version
        ? `a server answers at ${url} already`
        : `sandbox-agent ${theirs} answers at ${url} already; --upgrade replaces it by ${version} and ends its sessions`,
    );
    return;
  }
  await files.createFolder();
  const server = await spawnServer(options, token, files.log);
  if (!(await untilHealthy(options, server))) {
    await end(server);
    const said = (await readFile(files.log, "utf8")).slice(-LOG_CHARACTERS).trim();
    throw new Error(`the server did not start; ${files.log} says:\n${said}`);
  }
  await files.write(server, version);
  tell(`sandbox-agent ${version} listens on ${url} (PID ${server.pid}, logs: ${files.log})`);
}

/** `sandbox-agent daemon stop`: returns when the server and everything of it has ended. */
export async function stopDaemon(given: unknown): Promise<void> {
  const address = Address.parse(given);
  const files = new DaemonFiles(address.host, address.port, process.env);
  const running = await files.findProcess();
  if (running) {
    await end(running);
    await files.remove();
    tell("Daemon stopped");
  } else if (await isHealthy(address)) {
    throw new Error(
      `the server at ${urlOf(address)} was not started by \`daemon start\`: stop it where it was started`,
    );
  } else {
    await files.remove();
    tell("Daemon not running");
  }
}

/** `sandbox-agent daemon status`: one line on stderr, and success either way, as the reference. */
export async function tellDaemonStatus(given: unknown): Promise<void> {
  const address = Address.parse(given);
  const files = new DaemonFiles(address.host, address.port, process.env);
  const running = await files.findProcess();
  if (!running) {
    const other = await isHealthy(address);
    tell(
      other
        ? `Daemon not running; another server answers at ${urlOf(address)}`
        : "Daemon not running",
    );
    return;
  }
  const theirs = await files.readVersion();
  const notes = [
    ...(theirs === version ? [] : [`outdated, this is ${version}`]),
    ...((await isHealthy(address)) ? [] : ["does not answer"]),
  ];
  const note = notes.length === 0 ? "" : ` [${notes.join(", ")}]`;
  tell(`Daemon running (PID ${running.pid}, build ${theirs}, logs: ${files.log})${note}`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The token goes by the environment: everybody on the machine can read a command line. */
async function spawnServer(
  { host, port }: Address,
  token: string | undefined,
  log: string,
): Promise<ProcessEntry> {
  const {
    SANDBOX_AGENT_TOKEN: _token,
    SANDBOX_AGENT_TOKEN_FILE: _file,
    SANDBOX_AGENT_STOP_WITH_STDIN: _stop,
    ...env
  } = process.env;
  const args = ["server", "--host", host, "--port", String(port)];
  const command = selfCommand(token === undefined ? [...args, "--no-token"] : args);
  await using output = await open(log, "w", 0o600);
  // A log of an earlier start may have been made with another mode.
  await output.chmod(0o600);
  const child = spawn(command.file, command.args, {
    env: token === undefined ? env : { ...env, SANDBOX_AGENT_TOKEN: token },
    stdio: ["ignore", output.fd, output.fd],
    detached: true,
  });
  child.unref();
  const entry = child.pid === undefined ? undefined : await findProcess(child.pid);
  if (entry) return entry;
  throw new Error(`${command.file} could not be started`);
}

async function untilHealthy(address: Address, server: ProcessEntry): Promise<boolean> {
  const deadline = AbortSignal.timeout(START_MS);
  while (!deadline.aborted) {
    if (!(await isRunning(server))) return false;
    if (await isHealthy(address)) return isRunning(server);
    await sleep(POLL_MS);
  }
  return false;
}

/** Counts the sessions of a server that is about to end. */
async function describeSessions(endpoint: string, token: string | undefined): Promise<string> {
  const signal = AbortSignal.timeout(ASK_MS);
  const client = await connect({ endpoint, token: token ?? false, signal });
  try {
    const { sessions } = await client.listSessions();
    const open = sessions.filter(({ ended }) => !ended);
    const running = open.filter(({ status }) => status === "running");
    const isOne = open.length === 1;
    return `${open.length} ${isOne ? "session" : "sessions"}, of which ${running.length} running`;
  } catch {
    return "its sessions, which it does not list";
  }
}

async function isHealthy(address: Address): Promise<boolean> {
  const client = await connect({ endpoint: urlOf(address), signal: AbortSignal.timeout(ASK_MS) });
  try {
    return (await client.getHealth()).status === "ok";
  } catch {
    // Nobody, or nobody of ours, answers there.
    return false;
  }
}

async function end(server: ProcessEntry): Promise<void> {
  await signalProcess(server, "SIGTERM");
  if (await untilEnded(server, STOP_MS)) return;
  await signalProcess(server, "SIGKILL");
  if (await untilEnded(server, KILL_MS)) return;
  throw new Error(`process ${server.pid} does not end`);
}

async function untilEnded(server: ProcessEntry, ms: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(ms);
  while (!deadline.aborted) {
    if (!(await isRunning(server))) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function isRunning({ pid, startTime }: ProcessEntry): Promise<boolean> {
  const now = await findProcess(pid);
  return now !== undefined && now.startTime === startTime && !isDead(now);
}
