import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, it } from "vitest";
import { type Daemon, startDaemon } from "../../support/daemon.ts";
import { pythonPackages } from "../../support/registry-packages.ts";
import { temporaryHome, type TemporaryHome } from "../../support/sandbox.ts";
import { type Command, expectWholeSession, programReader } from "./scenario.ts";

const programs = join(import.meta.dirname, "programs");
/** Go and Java are where this machine has them. */
const { PATH = "" } = process.env;

let home: TemporaryHome;
let daemon: Daemon;
let packages: Command;

beforeAll(async () => {
  home = await temporaryHome();
  daemon = await startDaemon({ home });
  packages = await pythonPackages("python", {
    requests: "2.34.2",
    httpx: "0.28.1",
    "httpx-sse": "0.4.3",
    aiohttp: "3.14.5",
  });
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

function environment(): Record<string, string> {
  return { ...home.env, PATH };
}

function python(program: string, more = {}): Command {
  const env = { ...environment(), ...packages.env, ...more };
  return { file: packages.file, args: [join(programs, program)], env };
}

async function go(program: string): Promise<Command> {
  const file = join(home.dir, program);
  const env = { ...environment(), GOTOOLCHAIN: "local", GO111MODULE: "off" };
  const cache = join(import.meta.dirname, "../../../.cache/readers/go-build");
  const args = ["build", "-o", file, join(programs, program, "main.go")];
  await execa("go", args, { env: { ...env, GOCACHE: cache }, extendEnv: false });
  return { file, env };
}

/** A program that its language runs from the source. */
function script(file: string, program: string): Command {
  return { file, args: [join(programs, program)], env: environment() };
}

// The mock agent's pauses take most of the time of each.
it.concurrent.each<[client: string, command: () => Command | Promise<Command>]>([
  ["Python's requests, as bytes", () => python("requests_lines.py")],
  ["Python's requests, decoded", () => python("requests_lines.py", { DECODE_UNICODE: "true" })],
  ["Python's httpx", () => python("httpx_lines.py")],
  ["Python's httpx, asynchronous", () => python("httpx_async_lines.py")],
  ["Python's httpx-sse", () => python("httpx_sse_events.py")],
  ["Python's aiohttp", () => python("aiohttp_lines.py")],
  ["Go's bufio.Scanner", () => go("scanner")],
  ["Go's bufio.Reader", () => go("bufreader")],
  ["Java's HttpClient", () => script("java", "Reader.java")],
  ["Ruby's Net::HTTP", () => script("ruby", "reader.rb")],
  ["curl", () => script("bash", "curl.sh")],
])("%s reads every event of a session once", async (_client, command) => {
  await expectWholeSession(daemon.url, programReader(await command()));
});
