import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { AgentDaemon, type AgentDaemonOptions, type RealAgent } from "./agent-daemon.ts";
import { serverStatus } from "./server-status.ts";
import { type ResponsesServer, startResponsesServer } from "./responses/server.ts";

/** The key with which Codex talks to a scripted model; it must be told nowhere. */
export const CODEX_KEY = "sk-codex-dummy";

/** The user's own configuration, which must stay as it is: what is tried again is so twice, not five times. */
export const CONFIG = `[model_providers.sandbox_agent]
request_max_retries = 2
stream_max_retries = 2
`;

/** In which surroundings a daemon with Codex is started. */
interface CodexDaemonOptions extends AgentDaemonOptions {
  /** What the user has configured, given the address of the scripted model. */
  config?: string | ((modelUrl: string) => string);
  /** The user's `auth.json`. */
  login?: string;
  /** The folder of the user's configuration in the home. */
  folder?: string;
}

/** A daemon that runs the real Codex, which talks to a scripted model. */
export type CodexDaemon = AgentDaemon<ResponsesServer>;

/** Starts one. */
export function startCodex(options: CodexDaemonOptions = {}): Promise<CodexDaemon> {
  const { config = CONFIG, login, folder = ".codex", ...others } = options;
  const agent: RealAgent<ResponsesServer> = {
    id: "codex",
    startModel: () => startResponsesServer(),
    env: (model, home) => ({
      OPENAI_API_KEY: CODEX_KEY,
      OPENAI_BASE_URL: model.url,
      ...(folder !== ".codex" && { CODEX_HOME: join(home.dir, folder) }),
    }),
    async prepare(home, model) {
      const own = join(home.dir, folder);
      await mkdir(own);
      const text = typeof config === "string" ? config : config(model.url);
      await writeFile(join(own, "config.toml"), text);
      if (login !== undefined) await writeFile(join(own, "auth.json"), login);
    },
    secrets: [CODEX_KEY],
    kind: "method",
    body: { model: "gpt-5.5" },
    process: "app-server",
  };
  return AgentDaemon.start(agent, others);
}

/** Kills the server that all sessions share, and waits until the daemon knows. */
export async function killServer(codex: CodexDaemon): Promise<void> {
  const running = await codex.agentProcesses();
  expect(running).toHaveLength(1);
  for (const { pid } of running) process.kill(pid, "SIGKILL");
  const status = async () => (await serverStatus(codex.daemon.url, "codex"))?.status;
  const exited = async () => expect(await status()).not.toBe("running");
  await vi.waitFor(exited, { timeout: 60_000 });
}
