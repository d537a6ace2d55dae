import { isAbsolute, join } from "node:path";

/** What decides where an agent keeps its files. */
export interface Places {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  os: NodeJS.Platform;
}

/** A key as an agent has stored it. */
export interface StoredKey {
  /** Whose it is: `anthropic`, `openai`, `amp`, or whatever the agent calls it. */
  provider: string;
  key: string;
  type: "api_key" | "oauth";
  /** When it ends, in milliseconds; undefined where it does not say. */
  expiresAt?: number | undefined;
  /** The agent renews it by itself: also expired it is a login of that agent. */
  renewable?: boolean;
  /** The agent itself does not look for it there. */
  unused?: true;
}

/** A file of JSON in which an agent keeps keys. */
export interface KeyFile {
  path: (places: Places) => string;
  /** The keys in it, of each provider the best one first; rejects where it is not as expected. */
  read: (content: unknown, places: Places) => Promise<StoredKey[]>;
}

/** What tells that the user has chosen whom an agent talks to: it is then given nobody else's key. */
export interface ProviderChoice {
  /** The names of variables: any of them that is set and not empty tells so. */
  variables: RegExp;
  /** Variables and files with settings; they tell so where the pattern is found in them. */
  inline: readonly string[];
  files: (places: Places) => string[];
  pattern: RegExp;
}

/** Set-ups that take the place of a key, such as a program that prints one, or a cloud. */
export interface SetUps {
  ofVariables: (env: Places["env"]) => Promise<string[]>;
  /** Reads the text of one of the files, or inline settings, of `choice`; rejects if it is not as expected. */
  ofSettings: (text: string, places: Places) => Promise<string[]>;
}

/** Where an agent keeps its keys: data, read by `credentials/`. */
export interface KeyStore {
  /** How this place is called where it is told where a key comes from. */
  source: string;
  files: readonly KeyFile[];
  choice: ProviderChoice;
  /** Absent for an agent that works with a key alone. */
  setUps?: SetUps;
  /** Whether what is stored counts before a variable. */
  beforeVariables: boolean;
  /** Which kinds of keys this agent takes from variables. */
  takes: readonly StoredKey["type"][];
}

/** A folder that a variable may name, else one below the home. */
export function folder({ env, home }: Places, variable: string, below: string): string {
  const named = env[variable] ?? "";
  return named !== "" && isAbsolute(named) ? named : join(home, below);
}
