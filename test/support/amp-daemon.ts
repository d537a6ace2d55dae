import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  AgentDaemon,
  type AgentDaemonOptions,
  NOT_INSTALLED,
  type RealAgent,
} from "./agent-daemon.ts";
import { type AmpServer, startAmpServer } from "./amp/server.ts";
import type { TemporaryHome } from "./sandbox.ts";

/** The key with which Amp talks to a scripted server; it must be told nowhere. */
export const AMP_KEY = "sgamp_user_dummy";

/** How a daemon for Amp is started. */
interface AmpDaemonOptions extends AgentDaemonOptions {
  /** What the user has configured: the text of their settings. */
  settings?: string;
  /** A folder on PATH whose `amp` is used instead of the installed one. */
  path?: string;
}

/** A daemon that runs the real Amp, which talks to a scripted server. */
export type AmpDaemon = AgentDaemon<AmpServer>;

/** Starts one. */
export function startAmp(options: AmpDaemonOptions = {}): Promise<AmpDaemon> {
  const { path, settings, ...others } = options;
  const agent: RealAgent<AmpServer> = {
    id: "amp",
    startModel: () => startAmpServer(),
    env: (model, home) => ({
      AMP_API_KEY: AMP_KEY,
      AMP_URL: model.url,
      ...(path !== undefined && { PATH: `${path}:${home.env["PATH"]}` }),
    }),
    async prepare(home) {
      if (settings === undefined) return;
      await mkdir(dirname(settingsFile(home)), { recursive: true });
      await writeFile(settingsFile(home), settings);
    },
    secrets: [AMP_KEY],
    process: "--stream-json-input",
  };
  return AgentDaemon.start(agent, {
    ...(path !== undefined && { installDir: NOT_INSTALLED }),
    ...others,
  });
}

/** Where the user's own settings are. */
export function settingsFile(home: TemporaryHome): string {
  return join(home.dir, ".config/amp/settings.json");
}
