// The part of npm's configuration library that is used here.

declare module "@npmcli/config" {
  /** The settings of one source; those of weaker sources are inherited through the prototype. */
  interface ConfigSource {
    readonly data: Readonly<Record<string, unknown>>;
    /** As they are in the file or the environment, before paths are resolved. */
    readonly raw: Readonly<Record<string, unknown>>;
    /** The path of the file. */
    readonly source: string | null;
  }

  export default class Config {
    constructor(options: {
      definitions: unknown;
      shorthands: unknown;
      flatten: unknown;
      npmPath: string;
      env: Record<string, string>;
      argv: readonly string[];
      execPath: string;
      platform: NodeJS.Platform;
      cwd: string;
      warn: boolean;
    });
    readonly data: ReadonlyMap<string, ConfigSource>;
    loadDefaults(): void;
    loadEnv(): void;
    loadUserConfig(): Promise<void>;
    loadGlobalConfig(): Promise<void>;
  }
}

declare module "@npmcli/config/lib/definitions/index.js" {
  const definitions: {
    definitions: Readonly<Record<string, { readonly default: unknown }>>;
    shorthands: unknown;
    flatten: unknown;
  };
  export default definitions;
}

declare module "@npmcli/config/lib/env-replace.js" {
  /** Expands `${NAME}` and `${NAME?}`; an unknown `${NAME}` stays as it is. */
  export default function envReplace(
    text: string,
    env: Readonly<Record<string, string | undefined>>,
  ): string;
}
