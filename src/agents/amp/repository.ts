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
import { unaskedSettings } from "./settings.ts";
import { skillServers } from "./skills.ts";

const FILES = [".amp/settings.json", ".amp/settings.jsonc"];

/** Entries that Amp ignores until its user trusts the workspace (0.0.1790142911). */
export const ampEntries: readonly RepositoryEntry[] = FILES.map((path) => ({
  path,
  effects: ofJson((settings) => [
    ...mcpEffects(settings["amp.mcpServers"]),
    ...settingsEffect(["amp.url", "amp.mcpPermissions"].filter((name) => name in settings)),
  ]),
}));

/** Entries that Amp uses in any case. The CLI has no switch for them (0.0.1790142911). */
const loadedEntries: readonly RepositoryEntry[] = [
  ...FILES.map((path) => ({
    path,
    effects: ofJson((settings) => settingsEffect(unaskedSettings(settings))),
  })),
  { path: ".amp/plugins", effects: always("holds plugins") },
];

/**
 * Throws a problem if the CLI would run code of the directory, or send requests elsewhere. A CLI
 * with settings of ours trusts no workspace; `trusting` is for one with the user's own settings.
 */
export async function refuseLoaded(
  directory: string,
  home: string | undefined,
  trusting: boolean,
): Promise<void> {
  const scope = { directory, home, stopAtRepository: false };
  const entries = trusting ? [...loadedEntries, ...ampEntries] : loadedEntries;
  const findings = [
    ...(await scanRepository(scope, entries)),
    ...(await skillServers(directory, home)),
  ];
  if (findings.length === 0) return;
  throw invalidRequest(
    `Amp has no switch for the settings of a directory, and would use these: ${describeFindings(directory, findings)}; remove them, or allow them with repositorySettings "use"`,
  );
}
