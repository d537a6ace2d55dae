import type { ModelsOptions, OpenOptions } from "./agent.ts";
import type { StoredKey } from "./key-store.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A request by which a server says whether it takes a key. */
export interface KeyCall {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** A server that an agent asks. */
export interface Endpoint {
  /** Whose keys it takes; undefined where that is not known. */
  provider?: string;
  url: string;
  /** The variable that names another one. */
  variable?: string;
  /** A call that costs nothing; undefined for a key of which there is none. */
  keyCall?(key: Pick<StoredKey, "key" | "type">): KeyCall | undefined;
}

/** A program that an executable needs beside itself. */
export interface Helper {
  path: string;
  /** What does not work without it. */
  without: string;
  /** Whether the agent is of little use without it. */
  vital: boolean;
}

/** What an agent has found out about this machine. */
export interface Finding {
  id: string;
  title: string;
  status: "ok" | "warning" | "failed";
  detail: string;
  cure?: string;
}

/** What decides which servers an agent asks. */
export interface Asking {
  env: Environment;
  keys: readonly Pick<StoredKey, "provider" | "type">[];
  /** The texts of the user's settings, as far as the key store names them. */
  settings: readonly string[];
}

/** How it is found out whether an agent can work here: data, read by `doctor/`. */
export interface Health {
  /** The oldest and the newest version that the tests of this project drive. */
  proven: { oldest: string; newest: string };
  /** How its user gets it a key. */
  login: string;
  /** Why it may work without a key of those that are looked for. */
  mayDoWithout?: string;
  /** The servers that it asks, or why they are not known. */
  endpoints(asking: Asking): Endpoint[] | string;
  /** What must lie beside its executable, the real path of which is given. */
  helpers?(executable: string, os: NodeJS.Platform): Helper[];
  /** Completes the environment in which the executable runs. */
  environment?(
    env: Record<string, string>,
    options: Pick<OpenOptions, "childGroup" | "installDir">,
  ): Promise<Record<string, string>>;
  /** Examines other requirements of the agent on this machine by running its executable. */
  examine?(
    options: ModelsOptions &
      Pick<OpenOptions, "childGroup" | "installDir"> & { executable: string },
  ): Promise<Finding[]>;
}

/** Anthropic's API below an address, which ends with the version. */
export function anthropicEndpoint(base: string): Endpoint {
  return {
    provider: "anthropic",
    url: base,
    variable: "ANTHROPIC_BASE_URL",
    keyCall: ({ key, type }) => ({
      url: `${base}/models?limit=1`,
      method: "GET",
      headers: {
        "anthropic-version": "2023-06-01",
        ...(type === "oauth"
          ? { authorization: `Bearer ${key}`, "anthropic-beta": "oauth-2025-04-20" }
          : { "x-api-key": key }),
      },
    }),
  };
}

/** OpenAI's API below an address, which ends with the version. */
export function openaiEndpoint(base: string): Endpoint {
  return {
    provider: "openai",
    url: base,
    variable: "OPENAI_BASE_URL",
    keyCall: ({ key, type }) =>
      type === "api_key"
        ? { url: `${base}/models`, method: "GET", headers: { authorization: `Bearer ${key}` } }
        : undefined,
  };
}

/** The address that a variable names, without slashes at its end, else the usual one. */
export function baseUrl(env: Environment, variable: string, usual: string): string {
  const named = (env[variable] ?? "").trim();
  return (named === "" ? usual : named).replace(/(?<!\/)\/+$/, "");
}
