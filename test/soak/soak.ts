import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { temporaryHome, type TemporaryHome } from "../support/sandbox.ts";
import type { Command, Reply, Tally } from "./commands.ts";
import { residentBytes, restMs, type Sample, sampleAtRest } from "./inside.ts";

/** How much is asked of the daemon. */
export interface SoakOptions {
  /** Sessions, each with one reader. */
  sessions: number;
  /** How long each session has a turn each second; a multiple of the parts. */
  seconds: number;
  /** In how many parts; between them there is no work, so that counts are exact. */
  parts: number;
  messageBytes: number;
  /** Told of each sample and tally as it is made. */
  onProgress?: (line: string) => void;
}

/** What came of it. */
export interface SoakReport extends SoakOptions {
  /** Before the first of the sessions; one has come and gone, so that all code is loaded. */
  before: Sample;
  /** With all sessions and streams open, before the first turn. */
  open: Sample;
  /** After each part of the time, at rest, with all sessions and streams open. */
  rests: Sample[];
  /** What the clients had seen by then. */
  tallies: Tally[];
  /** With all sessions deleted and all streams ended. */
  after: Sample;
  /** What the clients have seen at their end. */
  end: Tally;
  /** Resident bytes, twice a second while there was work, by part. */
  resident: number[][];
  /** CPU seconds of the daemon for each second of work. */
  cpu: number;
  /** What the daemon has logged, at level `warn`, since its start. */
  stderr: string;
}

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const probe = fileURLToPath(new URL("./probe.ts", import.meta.url));
const clients = fileURLToPath(new URL("./clients.ts", import.meta.url));
const clockTicks = 100;
/** Event budget of the daemon. */
export const budget = 16 * 2 ** 20;

/** Starts a daemon, runs the workload, and samples the daemon's memory, timers and descriptors. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { sessions, seconds, parts, messageBytes, onProgress = () => {} } = options;
  await using home = await temporaryHome();
  const probeFile = join(home.dir, "probe.json");
  await using daemon = await startProbed(home, probeFile);
  await using crowd = startCrowd(home);
  const { url, pid } = daemon;
  const logged = daemon.stderr().length;
  const gone = daemon.exited.then((exit) =>
    Promise.reject(new Error(`the daemon ended: ${JSON.stringify(exit)} ${daemon.stderr()}`)),
  );
  // It may end when nobody is waiting; whoever asks it for anything then is told.
  gone.catch(() => {});
  const sample = async (moment: string, ms: number): Promise<Sample> => {
    const found = await Promise.race([sampleAtRest(pid, probeFile, ms), gone]);
    onProgress(`${moment}: ${JSON.stringify(found)}`);
    return found;
  };

  await crowd.order({ do: "open", url, sessions: 1 });
  // An event of this size allocates a block, which the event buffer keeps as spare memory.
  await crowd.order({ do: "talk", seconds: 1, messageBytes: new EventBuffer(budget).maxSlabBytes });
  await crowd.order({ do: "close" });
  const before = await sample("before", restMs.withoutReaders);
  await crowd.order({ do: "open", url, sessions });
  const open = await sample("open", restMs.withReaders);

  const rests: Sample[] = [];
  const tallies: Tally[] = [];
  const resident: number[][] = [];
  let cpu = 0;
  for (let part = 1; part <= parts; part++) {
    await using watch = watchMemory(pid);
    const busy = await cpuSeconds(pid);
    tallies.push(await crowd.order({ do: "talk", seconds: seconds / parts, messageBytes }));
    cpu += ((await cpuSeconds(pid)) - busy) / seconds;
    resident.push(watch.bytes);
    onProgress(JSON.stringify(tallies.at(-1)));
    rests.push(await sample(`after part ${part}`, restMs.withReaders));
  }
  const end = await crowd.order({ do: "close" });
  const after = await sample("after", restMs.withoutReaders);
  const stderr = daemon.stderr().slice(logged);
  return { ...options, before, open, rests, tallies, after, end, resident, cpu, stderr };
}

function startProbed(home: TemporaryHome, probeFile: string): Promise<Daemon> {
  const args = ["--import", probe, main];
  return startDaemon({
    home,
    args: ["--no-token", "--event-buffer", String(budget), "--log-level", "warn"],
    env: { SOAK_PROBE: probeFile },
    entry: { file: process.execPath, args },
  });
}

interface Crowd extends AsyncDisposable {
  order(command: Command): Promise<Tally>;
}

function startCrowd(home: TemporaryHome): Crowd {
  const child = fork(clients, { cwd: home.work, env: { ...home.env }, execArgv: [] });
  const exited = once(child, "exit");
  return {
    order: (command) => order(child, command),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

async function order(child: ChildProcess, command: Command): Promise<Tally> {
  const left = new AbortController();
  const { signal } = left;
  child.send(command);
  try {
    const reply: Reply = await Promise.race([
      once(child, "message", { signal }).then(([reply]) => reply),
      once(child, "exit", { signal }).then(() => ({ error: "the clients are gone" })),
    ]);
    if ("error" in reply) throw new Error(`${command.do}: ${reply.error}`);
    return reply.tally;
  } finally {
    left.abort();
  }
}

/** Notes the resident bytes of a process twice a second until it is disposed of. */
function watchMemory(pid: number): AsyncDisposable & { bytes: number[] } {
  const bytes: number[] = [];
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      bytes.push(await residentBytes(pid));
      await sleep(500, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return {
    bytes,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await watching;
    },
  };
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / clockTicks;
}
