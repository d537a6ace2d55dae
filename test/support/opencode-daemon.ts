import { vi } from "vitest";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AgentDaemon,
  type AgentDaemonOptions,
  NOT_INSTALLED,
  type RealAgent,
} from "./agent-daemon.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { OPENCODE_KEY, opencodeEnv } from "./opencode/config.ts";
import { opencodeScenarios } from "./opencode/scenarios.ts";
import { realAgent } from "./real-agents.ts";
import type { TemporaryHome } from "./sandbox.ts";

/** What is special of a daemon. */
interface OpencodeDaemonOptions extends AgentDaemonOptions {
  /** Without, OpenCode is given none. */
  provider?: boolean;
  /** The user's own `opencode.json`. */
  config?: object;
  /** The server stands behind a proxy, so that its stream can be cut. */
  cuttable?: boolean;
}

/** A daemon that runs the real OpenCode, which talks to a scripted model. */
export type OpencodeDaemon = AgentDaemon<ModelServer>;

/** Starts one. */
export function startOpencode(options: OpencodeDaemonOptions = {}): Promise<OpencodeDaemon> {
  const { provider = true, config, cuttable = false, ...others } = options;
  const agent: RealAgent<ModelServer> = {
    id: "opencode",
    startModel: () => startModelServer({ scripts: opencodeScenarios }),
    env: (model, home) => ({
      ...opencodeEnv(provider ? model.url : undefined),
      ...(cuttable && { PATH: `${binOf(home)}:${home.env["PATH"]}` }),
    }),
    async prepare(home) {
      if (config) await writeConfig(home, config);
      if (cuttable) await putBehindProxy(home);
    },
    secrets: [OPENCODE_KEY],
    mark: false,
    process: " serve ",
  };
  return AgentDaemon.start(agent, { ...(cuttable && { installDir: NOT_INSTALLED }), ...others });
}

/** Asks the server itself, beside the daemon; `body` makes it a POST. */
export async function askServer(
  opencode: OpencodeDaemon,
  path: string,
  directory: string,
  body?: object,
): Promise<unknown> {
  const [server] = await opencode.agentProcesses();
  const environment = await readFile(`/proc/${server?.pid}/environ`, "utf8");
  const password = /OPENCODE_SERVER_PASSWORD=([^\0]+)/.exec(environment)?.[1];
  const port = /--port (\d+)/.exec(server?.command ?? "")?.[1];
  const credentials = Buffer.from(`opencode:${password}`).toString("base64");
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: {
      authorization: `Basic ${credentials}`,
      "x-opencode-directory": directory,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
  return await answer.json();
}

/** Cuts the stream of events and refuses new ones, or lets them pass again. */
export async function setStream(opencode: OpencodeDaemon, state: "cut" | "open"): Promise<void> {
  const [proxy] = await opencode.processes("opencode-behind-proxy");
  process.kill(proxy?.pid ?? 0, state === "cut" ? "SIGUSR2" : "SIGHUP");
  // Two signals that wait for a busy process are handled in the order of their numbers.
  const port = /--port (\d+)/.exec(proxy?.command ?? "")?.[1];
  await vi.waitUntil(
    async () => (await (await fetch(`http://127.0.0.1:${port}/behind-proxy`)).text()) === state,
    { timeout: 10_000 },
  );
}

async function writeConfig(home: TemporaryHome, config: object): Promise<void> {
  const folder = join(home.dir, ".config/opencode");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "opencode.json"), JSON.stringify(config));
}

const binOf = (home: TemporaryHome) => join(home.dir, "bin");

/** Makes a folder for PATH in which `opencode` stands behind a proxy. */
async function putBehindProxy(home: TemporaryHome): Promise<void> {
  const { path } = await realAgent("opencode");
  const proxy = join(import.meta.dirname, "../fixtures/bin/opencode-behind-proxy.mjs");
  await mkdir(binOf(home));
  const script = `#!/bin/sh\nexec "${process.execPath}" "${proxy}" "${path}" "$@"\n`;
  await writeFile(join(binOf(home), "opencode"), script, { mode: 0o755 });
}
