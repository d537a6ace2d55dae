import { z } from "zod";
import type { Places } from "../key-store.ts";
import { lenient } from "../key-text.ts";

const CLOUDS = ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"];
const KEYS = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_FOUNDRY_API_KEY",
  "AWS_BEARER_TOKEN_BEDROCK",
  "CLAUDE_CODE_OAUTH_TOKEN",
];
const DESCRIPTORS = [
  "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
  "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
];

const Settings = z.object({
  apiKeyHelper: lenient(z.string().trim().min(1)),
  env: lenient(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  oauthAccount: lenient(z.looseObject({})),
});

/** Variables with which Claude Code needs no other key (2.1.332). */
export function ofVariables(env: Places["env"]): string[] {
  const set = DESCRIPTORS.filter((name) => (env[name] ?? "") !== "");
  return [...CLOUDS.filter((name) => isOn(env[name])), ...set];
}

/** What the settings of the user or of the machine name in place of a key (2.1.332). */
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

/** Claude Code reads a switch like this. */
function isOn(value: string | undefined): boolean {
  return ["1", "true", "yes", "on"].includes((value ?? "").trim().toLowerCase());
}
