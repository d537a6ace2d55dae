import type { Places } from "../key-store.ts";

/** Switches by which Claude Code uses the models of a cloud (2.1.332). */
export const CLOUDS = [
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
];
const DESCRIPTORS = [
  "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
  "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
];

/** Variables with which Claude Code needs no other key (2.1.332). */
export function ofVariables(env: Places["env"]): string[] {
  const set = DESCRIPTORS.filter((name) => (env[name] ?? "") !== "");
  return [...CLOUDS.filter((name) => isOn(env[name])), ...set];
}

/** Reads the value of a switch as Claude Code does. */
export function isOn(value: string | undefined): boolean {
  return ["1", "true", "yes", "on"].includes((value ?? "").trim().toLowerCase());
}
