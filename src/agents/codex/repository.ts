import { always, type RepositoryEntry, settingsEffect } from "../repository.ts";

/** The names of the settings in a TOML file: of its first keys, and of its tables. */
function tomlNames(text: string): string[] {
  const names = new Set<string>();
  let isTop = true;
  for (const line of text.split("\n")) {
    const table = /^\s*\[{1,2}\s*([\w-]+)/.exec(line)?.[1];
    const key = /^\s*([\w-]+)\s*=/.exec(line)?.[1];
    if (table !== undefined) isTop = false;
    const name = table ?? (isTop ? key : undefined);
    if (name !== undefined) names.add(name);
  }
  return [...names];
}

/** Entries that Codex uses only in a trusted folder. It always reads skills (0.169.0). */
export const codexEntries: readonly RepositoryEntry[] = [
  { path: ".codex/config.toml", effects: (text) => settingsEffect(tomlNames(text)) },
  { path: ".codex/hooks.json", effects: always("runs hooks") },
  { path: ".codex/rules", effects: always("allows commands") },
  { path: ".codex/agents", effects: always("defines agents") },
];
