// Replaces an agent's executable. It starts the real executable, whose path is the first argument, and
// passes on its output with hostile copies of each line. HOSTILE_COPIES sets the number of copies of a
// line. HOSTILE_SEED makes them reproducible. HOSTILE_FOLDER receives the count.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { LineSplitter } from "../../src/io/lines.ts";
import { Random } from "../support/random.ts";
import { Mutator } from "./mutate.ts";

const [file = "", ...args] = process.argv.slice(2);
const { HOSTILE_COPIES = "1", HOSTILE_SEED = "1", HOSTILE_FOLDER = "" } = process.env;
const random = new Random(Number(HOSTILE_SEED));
const mutator = new Mutator(random);
let lines = 0;

/** Arguments of the CLIs when they speak to the daemon. */
const TALKS = ["--input-format=stream-json", "app-server", "--stream-json-input"];

if (args[0] === "serve") await serve();
else start(args, TALKS.some((arg) => args.includes(arg)) ? "pipe" : "inherit");

/** Starts the real agent, exits when it exits, and mutates its output when that is piped. */
function start(given: string[], stdout: "pipe" | "inherit") {
  const child = spawn(file, given, { stdio: ["inherit", stdout, "inherit"] });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code, signal) => {
    if (signal) process.exit(1);
    process.exitCode = code ?? 1;
  });
  if (!child.stdout) return child;
  const splitter = new LineSplitter();
  const pass = (found: ReturnType<LineSplitter["push"]>): void => {
    for (const line of found) {
      if (typeof line === "string") process.stdout.write(hostile(line, "", "\n"));
    }
  };
  if (args[0] !== "serve") {
    child.stdout.on("data", (chunk: Buffer) => pass(splitter.push(chunk)));
    child.stdout.on("end", () => pass(splitter.end()));
  }
  return child;
}

/** A line with its copies. */
function hostile(line: string, lead: string, end: string): Buffer {
  const copies = Array.from({ length: Number(HOSTILE_COPIES) }, () => mutator.copyOf(line));
  lines += copies.length;
  writeFileSync(join(HOSTILE_FOLDER, String(process.pid)), String(lines));
  const all = [Buffer.from(line), ...copies];
  return Buffer.concat(all.flatMap((copy) => [Buffer.from(lead), copy, Buffer.from(end)]));
}

/** Runs OpenCode behind a proxy that copies its events and mutates some of its answers. */
async function serve(): Promise<void> {
  const at = args.indexOf("--port") + 1;
  const port = Number(args[at]);
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const behind = (probe.address() as AddressInfo).port;
  probe.close();
  const proxy = createServer((asked, answer) => lead(behind, asked, answer)).listen(
    port,
    "127.0.0.1",
  );
  await once(proxy, "listening");
  const child = start(args.with(at, String(behind)), "pipe");
  child.once("exit", () => process.exit());
  child.stdout?.on("data", (chunk: Buffer) => {
    process.stdout.write(chunk.toString().replaceAll(`127.0.0.1:${behind}`, `127.0.0.1:${port}`));
  });
}

function lead(port: number, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url = "", headers } = asked;
  const onward = request({ host: "127.0.0.1", port, method, path: url, headers }, (given) => {
    const { "content-length": _, ...kept } = given.headers;
    if (url === "/global/event") {
      answer.writeHead(given.statusCode ?? 500, kept);
      const splitter = new LineSplitter();
      given.on("data", (chunk: Buffer) => {
        for (const line of splitter.push(chunk)) {
          const data = typeof line === "string" && /^data:\s*(.*)$/.exec(line)?.[1];
          if (data) answer.write(hostile(data, "data: ", "\n\n"));
        }
      });
      given.on("end", () => answer.end());
      return;
    }
    const chunks: Buffer[] = [];
    given.on("data", (chunk: Buffer) => chunks.push(chunk));
    given.on("end", () => {
      const body = Buffer.concat(chunks);
      const isState = method === "GET" && /^\/(session|permission|question)/.test(url);
      const mutated = isState && random.next() < 0.1 ? mutator.copyOf(body.toString()) : body;
      answer.writeHead(given.statusCode ?? 500, kept).end(mutated);
    });
  });
  for (const end of [onward, asked, answer]) end.on("error", () => answer.destroy());
  answer.once("close", () => onward.destroy());
  asked.pipe(onward);
}
