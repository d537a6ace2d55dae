/** The variables that decide where things are and how the network is reached. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The first of `names` that is set and not empty. */
export function firstSet(env: Environment, names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
}
