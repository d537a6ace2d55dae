import type { Places } from "../key-store.ts";

/** Built-in providers of Codex that need no key of OpenAI (0.171.0). */
const WITHOUT_KEY = new Set(["ollama", "lmstudio", "oss", "amazon-bedrock"]);
const HEADER = /^\[([^\]\n]{1,200})\]/;
const MEMBER = /^([\w-]{1,100})[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#]+))/;

/** Variables with which Codex needs no other key (0.171.0). */
export function ofVariables(env: Places["env"]): string[] {
  return (env["CODEX_ACCESS_TOKEN"] ?? "").trim() === "" ? [] : ["CODEX_ACCESS_TOKEN"];
}

/**
 * The provider of `config.toml`, if it has a key of its own or needs none. One with `env_key` has a key
 * when that variable is set. One with `requires_openai_auth` has the key of OpenAI.
 */
export function ofSettings(text: string, { env }: Places): string[] {
  const tables = tablesOf(text);
  const provider = tables.get("")?.get("model_provider");
  if (provider === undefined || provider === "openai") return [];
  if (WITHOUT_KEY.has(provider)) return [`model_provider ${provider}`];
  const table = `model_providers.${provider}`;
  const members = tables.get(table);
  if (tables.has(`${table}.auth`)) return [`auth of model_provider ${provider}`];
  if (!members || members.get("requires_openai_auth") === "true") return [];
  const variable = members.get("env_key");
  const isSet = variable === undefined || (env[variable] ?? "").trim() !== "";
  return isSet ? [`model_provider ${provider}`] : [];
}

/** The members of each table, whose names are as in the file but for quotes; `""` is the top. */
function tablesOf(text: string): Map<string, Map<string, string>> {
  let table = new Map<string, string>();
  const tables = new Map([["", table]]);
  for (const line of text.split("\n").map((each) => each.trim())) {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) {
      const name = header.replaceAll(/["'\s]/g, "");
      table = tables.get(name) ?? new Map<string, string>();
      tables.set(name, table);
    }
    const [, member, ...values] = MEMBER.exec(line) ?? [];
    const value = values.find((one) => one !== undefined);
    if (member !== undefined && value !== undefined) table.set(member, value);
  }
  return tables;
}
