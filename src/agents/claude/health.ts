import { anthropicEndpoint, baseUrl, type Health } from "../health.ts";

const CLOUDS = [
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
] as const;

/** How it is with Claude Code. */
export const claudeHealth: Health = {
  proven: { oldest: "2.1.330", newest: "2.1.332" },
  login: "set ANTHROPIC_API_KEY, or run `claude` and log in with /login",
  endpoints({ env, settings }) {
    const cloud = CLOUDS.find(
      (name) => (env[name] ?? "") !== "" || settings.some((text) => text.includes(`"${name}"`)),
    );
    if (cloud) return `it works through a cloud (${cloud}), which is not asked`;
    if (settings.some((text) => text.includes('"ANTHROPIC_BASE_URL"'))) {
      return "its settings name a server, which is not asked";
    }
    return [
      anthropicEndpoint(`${baseUrl(env, "ANTHROPIC_BASE_URL", "https://api.anthropic.com")}/v1`),
    ];
  },
};
