import { z } from "zod";
import { lenient } from "../key-text.ts";
import { CLOUDS, isOn } from "./set-up-variables.ts";

const KEYS = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_FOUNDRY_API_KEY",
  "AWS_BEARER_TOKEN_BEDROCK",
  "CLAUDE_CODE_OAUTH_TOKEN",
];
const Settings = z.object({
  apiKeyHelper: lenient(z.string().trim().min(1)),
  env: lenient(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  oauthAccount: lenient(z.looseObject({})),
});

/** Settings of the user or of the machine that take the place of a key (2.1.332). */
export function ofSettings(text: string): string[] {
  const { apiKeyHelper, env = {}, oauthAccount } = Settings.parse(JSON.parse(text));
  return [
    ...(apiKeyHelper === undefined ? [] : ["apiKeyHelper"]),
    // The login itself is in the key ring of macOS.
    ...(oauthAccount === undefined ? [] : ["oauthAccount"]),
    ...CLOUDS.filter((name) => isOn(textOf(env[name]))),
    ...KEYS.filter((name) => (textOf(env[name]) ?? "").trim() !== ""),
  ];
}

function textOf(value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
