import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setInterval as every, setTimeout as sleep } from "node:timers/promises";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { openResponse } from "../support/listening-app.ts";
import { post } from "../support/post-json.ts";
import { type Program, shellCommand } from "../support/program.ts";
import { temporaryHome } from "../support/sandbox.ts";

/** One result, with the values that are allowed. */
export interface SlowClientFigure {
  name: string;
  value: number;
  unit: string;
  atLeast: number;
  atMost: number;
}

const CLIENTS = 50;
const OPEN_FILES = 64;
const READERS = 100;

/** Names that another site can direct to a daemon, and forms of addresses that are not its own. */
const REBOUND = [
  "http://evil.example",
  "http://EVIL.example.",
  "http://localhost.evil.example",
  "http://127.0.0.1.evil.example",
  "http://xn--bcher-kva.example",
  "http://127.0.0.1@evil.example",
  "http://box",
  "null",
];

/** Attacks a daemon with slow bodies, rebound pages and too many streams. Takes about six minutes. */
export async function attackWithSlowClients(
  daemon: Program,
  onFigure: (figure: SlowClientFigure) => void = () => {},
): Promise<SlowClientFigure[]> {
  const figures: SlowClientFigure[] = [];
  const report = (figure: SlowClientFigure): void => {
    figures.push(figure);
    onFigure(figure);
  };
  await attackWithPages(daemon, report);
  await attackWithStreams(daemon, report);
  await attackWithBodies(daemon, report);
  return figures;
}

type Report = (figure: SlowClientFigure) => void;

async function attackWithPages(entry: Program, report: Report): Promise<void> {
  await using home = await temporaryHome();
  await using daemon = await startDaemon({
    home,
    entry,
    args: ["--no-token", "--host", "0.0.0.0"],
  });
  let accepted = 0;
  for (const [index, origin] of REBOUND.entries()) {
    const host = URL.canParse(origin) ? new URL(origin).host : "evil.example";
    // `fetch` does not send a `Host` of its caller's choice.
    const outgoing = request(`${daemon.url}/v1/sessions/p${index}`, {
      method: "POST",
      headers: { origin, host, "content-type": "application/json" },
    });
    outgoing.end(JSON.stringify({ agent: "mock" }));
    const [answer]: IncomingMessage[] = await once(outgoing, "response");
    answer?.resume();
    if (answer?.statusCode !== 403) accepted += 1;
  }
  report({
    name: `state changes by ${REBOUND.length} rebound pages`,
    value: accepted,
    unit: "",
    atLeast: 0,
    atMost: 0,
  });
}

async function attackWithStreams(program: Program, report: Report): Promise<void> {
  await using home = await temporaryHome();
  const limit = `ulimit -n ${OPEN_FILES}; exec ${shellCommand(program)} "$@"`;
  const entry = { file: "sh", args: ["-c", limit, "sh"] };
  await using daemon = await startDaemon({ home, entry });
  await post(`${daemon.url}/v1/sessions/s`, { agent: "mock" });
  const readers: IncomingMessage[] = [];
  for (let reader = 0; reader < READERS; reader++) {
    readers.push(await openResponse(`${daemon.url}/v1/sessions/s/events/sse`));
  }
  const served = readers.filter(({ statusCode }) => statusCode === 200).length;
  const refused = readers.filter(({ statusCode }) => statusCode === 503).length;
  const title = `of ${READERS} readers at ${OPEN_FILES} open files`;
  report({ name: `streams ${title}`, value: served, unit: "", atLeast: 8, atMost: 32 });
  const rest = READERS - served;
  report({ name: `refused ${title}`, value: refused, unit: "", atLeast: rest, atMost: rest });
  for (const response of readers.filter(({ statusCode }) => statusCode !== 200)) response.resume();
  await reportHealth(daemon, `answer of health beside ${served} streams`, report);
  const silent = Array.from({ length: READERS }, () => open(daemon));
  const before = await processorMs(daemon.pid);
  await sleep(2000);
  const busy = ((await processorMs(daemon.pid)) - before) / 20;
  const name = `processor time with ${READERS} more connections`;
  report({ name, value: busy, unit: "%", atLeast: 0, atMost: 20 });
  for (const socket of silent) socket.destroy();
  for (const response of readers) response.destroy();
}

async function attackWithBodies(entry: Program, report: Report): Promise<void> {
  await using home = await temporaryHome();
  const token = "a-token-of-this-attack";
  await using daemon = await startDaemon({ home, entry, args: ["--token", token] });
  const right = `authorization: Bearer ${token}\r\n`;
  const rows = [
    { name: "refused, 1 byte each 0.5 s", headers: "", everyMs: 500, atMost: 5 },
    { name: "refused, silent", headers: "", everyMs: 0, atMost: 5 },
    { name: "accepted, silent", headers: right, everyMs: 0, atMost: 40 },
    { name: "accepted, 1 byte each 2 s", headers: right, everyMs: 2000, atMost: 320 },
  ];
  const attacks = rows.map(async ({ name, headers, everyMs, atMost }) => {
    const clients = Array.from({ length: CLIENTS }, () => sendSlowly(daemon, headers, everyMs));
    const value = Math.max(...(await Promise.all(clients)));
    report({ name: `${CLIENTS} bodies, ${name}`, value, unit: "s", atLeast: 0, atMost });
  });
  await reportHealth(
    daemon,
    `answer of health beside ${rows.length * CLIENTS} slow bodies`,
    report,
  );
  await Promise.all(attacks);
}

/** Sends a body that never ends; returns the seconds until the connection is closed. */
async function sendSlowly(daemon: Daemon, headers: string, everyMs: number): Promise<number> {
  const start = performance.now();
  const socket = open(daemon);
  const type = "content-type: application/json\r\ncontent-length: 1000000\r\n";
  socket.write(`POST /v1/sessions/s HTTP/1.1\r\nhost: localhost\r\n${headers}${type}\r\n`);
  const closed = new AbortController();
  socket.once("close", () => closed.abort());
  const dribble = async (): Promise<void> => {
    if (everyMs === 0) return;
    try {
      for await (const _ of every(everyMs, undefined, { signal: closed.signal })) socket.write(" ");
    } catch {
      // The connection is closed.
    }
  };
  await Promise.all([text(socket).catch(() => ""), dribble()]);
  return (performance.now() - start) / 1000;
}

function open(daemon: Daemon) {
  return connect(Number(new URL(daemon.url).port), "127.0.0.1").on("error", () => {});
}

async function reportHealth(daemon: Daemon, name: string, report: Report): Promise<void> {
  const start = performance.now();
  const headers = { connection: "close" };
  const answer = await fetch(`${daemon.url}/v1/health`, { headers }).catch(() => undefined);
  const value = answer?.status === 200 ? performance.now() - start : Infinity;
  report({ name, value, unit: "ms", atLeast: 0, atMost: 10_000 });
}

async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * 10;
}

/** Compares a figure with its bounds. */
export function holds({ value, atLeast, atMost }: SlowClientFigure): boolean {
  return value >= atLeast && value <= atMost;
}
