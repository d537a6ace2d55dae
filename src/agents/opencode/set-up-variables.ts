import { isRecord } from "../json-line.ts";
import type { Places } from "../key-store.ts";

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

function hasLogin(text: string): boolean {
  try {
    const auth: unknown = JSON.parse(text);
    const logins = isRecord(auth) ? Object.values(auth) : [];
    return (
      logins.length > 0 && logins.every((one) => isRecord(one) && typeof one["type"] === "string")
    );
  } catch {
    return false;
  }
}
