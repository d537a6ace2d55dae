import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startModelServer } from "../../support/model-server.ts";
import { realAgent } from "../../support/real-agents.ts";
import { claudeEnv, temporaryHome } from "../../support/sandbox.ts";
import { placeOf } from "../normalize.ts";
import type { Recorder, Recording } from "../recorder.ts";
import { allow } from "./answers.ts";
import { ClaudeClient } from "./client.ts";
import { claudeGolden } from "./golden.ts";
import { normalizeClaude } from "./normalize.ts";
import { claudeRecordings, type ClaudeScenario, type ClaudeStage } from "./scenarios.ts";
import { recordedScripts } from "./scripts.ts";

/** Records the printed lines of `claude --print`. */
export const claudeRecorder: Recorder = {
  id: "claude",
  scenarios: new Map(Object.keys(claudeRecordings).map((name) => [name, [name]])),
  byHand: {},
  async record(name) {
    const scenario = claudeRecordings[name];
    if (!scenario) throw new Error(`Claude Code has no scenario ${name}.`);
    return new Map([[name, await play(scenario)]]);
  },
  golden: claudeGolden,
};

async function play(scenario: ClaudeScenario): Promise<Recording> {
  const { path } = await realAgent("claude");
  await using home = await temporaryHome();
  await using model = await startModelServer({ scripts: recordedScripts });
  for (const [name, content] of Object.entries(scenario.files ?? {})) {
    await writeFile(join(home.work, name), content);
  }
  const { mode = "default", args = [], answers = [allow], resumes } = scenario;
  const env = defined({ ...claudeEnv(model), ...scenario.env });
  const id = randomUUID();
  const start = (session: readonly string[]) =>
    new ClaudeClient({
      path,
      home,
      env,
      answers,
      args: ["--permission-mode", mode, ...args, ...session],
    });
  if (resumes) await converse(start(["--session-id", id]), (cli) => takeTurns(cli, resumes));
  const isResumedByName = args.includes("--resume");
  const session = resumes ? ["--resume", id] : isResumedByName ? [] : ["--session-id", id];
  const lines = await converse(start(session), (cli) => act(scenario, { cli, model }));
  return normalizeClaude(lines, placeOf(home, model));
}

/** Initialises a process, runs a part of a scenario, ends the process and returns its output. */
async function converse(
  cli: ClaudeClient,
  work: (cli: ClaudeClient) => Promise<void>,
): Promise<string[]> {
  await using ended = cli;
  // A process that does not find its session exits without a response.
  await ended.request({ subtype: "initialize" }).catch(() => ended.exited);
  await work(ended);
  return [...ended.lines];
}

async function act(
  { play: own, messages = [] }: ClaudeScenario,
  stage: ClaudeStage,
): Promise<void> {
  await (own ? own(stage) : takeTurns(stage.cli, messages));
}

async function takeTurns(cli: ClaudeClient, messages: readonly unknown[]): Promise<void> {
  for (const message of messages) await cli.turn(message);
}

function defined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
