import { anthropicEndpoint, baseUrl, type Health, openaiEndpoint } from "../health.ts";

/** How it is with OpenCode. */
export const opencodeHealth: Health = {
  proven: { oldest: "1.18.33", newest: "1.18.33" },
  login: "set ANTHROPIC_API_KEY or OPENAI_API_KEY, or run `opencode auth login`",
  mayDoWithout: "it knows many other providers, and some models that need no key",
  endpoints({ env, keys, settings }) {
    const configured = settings.flatMap((text) =>
      Array.from(text.matchAll(/"baseURL"\s*:\s*"(https?:[^"]+)"/g), ([, url = ""]) => url),
    );
    // Which of its keys such a server is sent is the configuration's affair.
    if (configured.length > 0) return [...new Set(configured)].map((url) => ({ url }));
    const has = (name: string) => keys.some(({ provider }) => provider === name);
    const known = [
      ...(has("anthropic")
        ? [anthropicEndpoint(baseUrl(env, "ANTHROPIC_BASE_URL", "https://api.anthropic.com/v1"))]
        : []),
      ...(has("openai")
        ? [openaiEndpoint(baseUrl(env, "OPENAI_BASE_URL", "https://api.openai.com/v1"))]
        : []),
    ];
    if (known.length > 0) return known;
    return "which servers it asks stands in its configuration, or in its list of providers";
  },
};
