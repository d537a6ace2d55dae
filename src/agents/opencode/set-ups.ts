import { z } from "zod";
import { parseJsonc } from "../jsonc.ts";
import type { Places } from "../key-store.ts";
import { lenient } from "../key-text.ts";

const Provider = z.object({
  options: lenient(
    z.object({ apiKey: lenient(z.string()), baseURL: lenient(z.string().trim().min(1)) }),
  ),
});
const Settings = z.object({ provider: lenient(z.record(z.string(), z.unknown())) });
const Auth = z.record(z.string(), z.looseObject({ type: z.string() }));

/** Variables that hold keys of further providers of OpenCode (1.18.33). */
const CLOUDS = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"];
const OF_OTHERS = /^(?!(?:ANTHROPIC|CLAUDE|OPENAI|CODEX|AMP)_API_KEY$)[A-Z0-9_]{1,100}_API_KEY$/;

/** Variables that give OpenCode a provider (1.18.33). */
export function ofVariables(env: Places["env"]): string[] {
  const set = Object.keys(env).filter((name) => (env[name] ?? "").trim() !== "");
  const auth = env["OPENCODE_AUTH_CONTENT"];
  return [
    ...set.filter((name) => CLOUDS.includes(name) || OF_OTHERS.test(name)),
    ...(auth !== undefined && hasLogin(auth) ? ["OPENCODE_AUTH_CONTENT"] : []),
  ];
}

/** The providers of the configuration that have a key, or an address and so need none (1.18.33). */
export function ofSettings(text: string, { env }: Places): string[] {
  const { provider = {} } = Settings.parse(parseJsonc(text));
  return Object.entries(provider).flatMap(([name, value]) => {
    const { apiKey, baseURL } = Provider.safeParse(value).data?.options ?? {};
    const isUsable = apiKey === undefined ? baseURL !== undefined : isGiven(apiKey, env);
    return isUsable ? [`provider ${name}`] : [];
  });
}

/** Whether a value is there after OpenCode has put in the variables that it names. */
function isGiven(value: string, env: Places["env"]): boolean {
  return (
    value.replaceAll(/\{env:([^{}]{1,200})\}/g, (_, name: string) => env[name] ?? "").trim() !== ""
  );
}

function hasLogin(text: string): boolean {
  try {
    return Object.keys(Auth.parse(JSON.parse(text))).length > 0;
  } catch {
    return false;
  }
}
