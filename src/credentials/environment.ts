import type { Agent } from "../agents/agent.ts";

type Environment = Record<string, string | undefined>;
type Provider = Agent["providers"][number];

/**
 * The variables that may hold a provider's key, the first that is set and not empty wins, each with
 * the names under which the agents read it.
 */
const sources: Record<Provider, [variable: string, names: string[]][]> = {
  anthropic: [
    ["ANTHROPIC_API_KEY", ["ANTHROPIC_API_KEY", "CLAUDE_API_KEY"]],
    ["CLAUDE_API_KEY", ["ANTHROPIC_API_KEY", "CLAUDE_API_KEY"]],
    ["CLAUDE_CODE_OAUTH_TOKEN", ["CLAUDE_CODE_OAUTH_TOKEN"]],
    ["ANTHROPIC_AUTH_TOKEN", ["ANTHROPIC_AUTH_TOKEN"]],
  ],
  openai: [
    ["OPENAI_API_KEY", ["OPENAI_API_KEY", "CODEX_API_KEY"]],
    ["CODEX_API_KEY", ["OPENAI_API_KEY", "CODEX_API_KEY"]],
  ],
  amp: [["AMP_API_KEY", ["AMP_API_KEY"]]],
};

/** Whether the environment holds a key that this agent can use; an agent without provider needs none. */
export function hasCredentials(agent: Agent, env: Environment): boolean {
  return agent.providers.length === 0 || Object.keys(agentCredentials(agent, env)).length > 0;
}

/** The variables that hand the environment's keys to an agent under the names it reads. */
export function agentCredentials(agent: Agent, env: Environment): Record<string, string> {
  const found: Record<string, string> = {};
  for (const provider of agent.providers) {
    const source = sources[provider].find(([variable]) => (env[variable] ?? "") !== "");
    if (!source) continue;
    const [variable, names] = source;
    for (const name of names) found[name] = env[variable] ?? "";
  }
  return found;
}

/** The environment of an agent's processes: the daemon's, less what is ours alone, plus its keys. */
export function agentEnvironment(agent: Agent, env: Environment): Record<string, string> {
  const inherited = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || name.startsWith("SANDBOX_AGENT_") ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(inherited), ...agentCredentials(agent, env) };
}
