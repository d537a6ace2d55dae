import type { RealAgent } from "../../test/support/agent-daemon.ts";
import { REAL_AGENTS, realAgent } from "../../test/support/real-agents.ts";
import { Daemon, type Target } from "./target.ts";

/** Lets something be done with a daemon that drives a real agent, whose scripted model answers at once. */
export async function withRealAgent<M extends AsyncDisposable, T>(
  target: Target,
  agent: RealAgent<M>,
  use: (daemon: Daemon) => Promise<T>,
  args: readonly string[] = [],
): Promise<T> {
  const { id } = agent;
  if (id === "mock") throw new Error("the mock is no real agent");
  const { path } = await realAgent(id);
  await using model = await agent.startModel();
  await using daemon = await Daemon.start(target, {
    args,
    agent: { name: REAL_AGENTS[id].recipe.command, words: [path] },
    async prepare(home) {
      await agent.prepare?.(home, model);
      return agent.env(model, home);
    },
  });
  return await use(daemon);
}
