import { invalidRequest } from "../../schema/problem.ts";
import {
  always,
  describeFindings,
  mcpEffects,
  ofJson,
  type RepositoryEntry,
  scanRepository,
  settingsEffect,
} from "../repository.ts";

const CONFIGS = [
  "opencode.json",
  "opencode.jsonc",
  ".opencode/opencode.json",
  ".opencode/opencode.jsonc",
];

/** Settings that OpenCode loads although its project configuration is disabled (1.18.33). */
const LOADED = ["plugin", "plugins", "reference", "references"];

const folder = (name: string, effect: string): RepositoryEntry[] => [
  { path: `.opencode/${name}`, effects: always(effect) },
  { path: `.opencode/${name}s`, effects: always(effect) },
];

/** Entries that OpenCode uses only with its project configuration (1.18.33). */
export const opencodeEntries: readonly RepositoryEntry[] = [
  ...CONFIGS.map((path) => ({
    path,
    effects: ofJson(({ mcp, ...others }) => [
      ...mcpEffects(mcp),
      ...settingsEffect(Object.keys(others).filter((name) => !name.startsWith("$"))),
    ]),
  })),
  ...folder("agent", "defines agents"),
  ...folder("mode", "defines modes"),
  ...folder("command", "defines commands"),
  ...folder("tool", "defines tools"),
  ...folder("skill", "holds skills"),
];

const loadedEntries: readonly RepositoryEntry[] = [
  ...CONFIGS.map((path) => ({
    path,
    effects: ofJson((config) => {
      const names = Object.keys(config).filter((name) => LOADED.includes(name));
      return settingsEffect(names);
    }),
  })),
  ...["plugin", "plugins"].map((name) => ({
    path: `.opencode/${name}`,
    effects: (names: string) => (/\.[jt]s$/m.test(names) ? ["holds plugins"] : []),
  })),
];

/** Throws a problem if the server would run code of a directory whose settings are ignored. */
export async function refuseLoaded(directory: string, home: string | undefined): Promise<void> {
  const scope = { directory, home, stopAtRepository: false };
  const findings = await scanRepository(scope, loadedEntries);
  if (findings.length === 0) return;
  throw invalidRequest(
    `OpenCode loads the plugins of this directory also if its settings are ignored: ${describeFindings(directory, findings)}; remove them, or allow them with repositorySettings "use"`,
  );
}
