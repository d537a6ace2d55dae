import type { StoredKey } from "../agents/key-store.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type KeyType = StoredKey["type"];

/** A variable that may hold a key, and the names under which the agents read a key of its kind. */
interface Variable {
  variable: string;
  type: KeyType;
  names: readonly string[];
}

const ANTHROPIC = ["ANTHROPIC_API_KEY", "CLAUDE_API_KEY"];
const OPENAI = ["OPENAI_API_KEY", "CODEX_API_KEY"];

const variables: Readonly<Record<string, readonly Variable[]>> = {
  anthropic: [
    ...ANTHROPIC.map((variable) => api(variable, ANTHROPIC)),
    // Each under its own name only: with both of them set Claude Code no longer says that the token
    // is one of a login, and is refused (2.1.330).
    { variable: "CLAUDE_CODE_OAUTH_TOKEN", type: "oauth", names: ["CLAUDE_CODE_OAUTH_TOKEN"] },
    { variable: "ANTHROPIC_AUTH_TOKEN", type: "oauth", names: ["ANTHROPIC_AUTH_TOKEN"] },
  ],
  openai: OPENAI.map((variable) => api(variable, OPENAI)),
  amp: [api("AMP_API_KEY", ["AMP_API_KEY"])],
};

/** The providers whose keys may stand in variables. */
export const providers: readonly string[] = Object.keys(variables);

/** A key that stands in the environment. */
export interface VariableKey {
  provider: string;
  key: string;
  type: KeyType;
  /** All the names that it is to have for agents. */
  names: readonly string[];
}

/** The key of a provider: the first variable that is set and not empty wins. */
export function findVariable(
  provider: string,
  env: Environment,
  types: readonly KeyType[],
): VariableKey | undefined {
  const found = (variables[provider] ?? []).find(
    ({ variable, type }) => types.includes(type) && (env[variable] ?? "").trim() !== "",
  );
  if (!found) return undefined;
  const { variable, type, names } = found;
  return { provider, key: env[variable] ?? "", type, names };
}

/**
 * The variables that a key belongs into; none for a login of which no variable takes the token: a
 * token is never passed off as an API key.
 */
export function namesOf(provider: string, type: KeyType): readonly string[] {
  const known = variables[provider];
  if (known) return known.find((one) => one.type === type)?.names ?? [];
  return type === "api_key" ? [variableOf(provider)] : [];
}

function api(variable: string, names: readonly string[]): Variable {
  return { variable, type: "api_key", names };
}

/** A provider's name comes from a file and may be anything; this is always a name to a shell. */
function variableOf(provider: string): string {
  const word = provider.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_");
  return `${/^\d/.test(word) ? "_" : ""}${word}_API_KEY`;
}
