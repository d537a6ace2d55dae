import { expect } from "vitest";
import { ProblemDetails } from "../../src/schema/problem-details.ts";
import { AgentDaemon, type RealAgent } from "./agent-daemon.ts";
import { ampUnderTest } from "./agents/amp.ts";
import { claudeUnderTest } from "./agents/claude.ts";
import { codexUnderTest } from "./agents/codex.ts";
import { opencodeUnderTest } from "./agents/opencode.ts";
import { LiveSession } from "./live-session.ts";
import { postJson } from "./post-json.ts";

function starting<M extends AsyncDisposable>(agent: RealAgent<M>) {
  return async (env: Record<string, string>): Promise<AgentDaemon<AsyncDisposable>> =>
    AgentDaemon.start(agent, { env });
}

/** Starts a daemon for an agent, with variables of the daemon. */
export const agentWith = {
  claude: starting(claudeUnderTest),
  codex: starting(codexUnderTest),
  opencode: starting(opencodeUnderTest),
  amp: starting(ampUnderTest),
};

/** The problem of an agent that cannot work, from the answer to create or from the turn. */
export async function failureWith(
  agent: keyof typeof agentWith,
  env: Record<string, string>,
): Promise<string> {
  await using rig = await agentWith[agent](env);
  const directory = await rig.directory("broken");
  const url = `${rig.daemon.url}/v1/sessions/broken`;
  const created = await postJson(url, { agent, directory });
  if (!created.ok) {
    const { type, detail } = ProblemDetails.parse(await created.json());
    expect(type).toMatch(/:(?:stream_error|storage_failed)$/);
    return detail ?? "";
  }
  const session = await LiveSession.open(rig.daemon.url, "turn", { agent, directory });
  const ended = await session.run("hello");
  expect(ended).toMatchObject({ status: "failed", error: { code: "process_start" } });
  await session.finish();
  return ended.error?.message ?? "";
}
