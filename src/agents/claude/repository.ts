import { always, mcpEffects, ofJson, type RepositoryEntry, settingsEffect } from "../repository.ts";

const settings = ofJson(({ hooks, ...others }) => [
  ...(hooks === undefined ? [] : ["runs hooks"]),
  ...settingsEffect(Object.keys(others).filter((name) => !name.startsWith("$"))),
]);

/** Entries that Claude Code uses only with its project settings (2.1.330). */
export const claudeEntries: readonly RepositoryEntry[] = [
  { path: ".claude/settings.json", effects: settings },
  { path: ".claude/settings.local.json", effects: settings },
  { path: ".mcp.json", effects: ofJson(({ mcpServers }) => mcpEffects(mcpServers)) },
  { path: ".claude/agents", effects: always("defines agents") },
  { path: ".claude/commands", effects: always("defines commands") },
  { path: ".claude/skills", effects: always("holds skills") },
  { path: ".claude/output-styles", effects: always("defines output styles") },
  { path: ".claude/rules", effects: always("holds rules") },
  { path: ".claude/workflows", effects: always("holds workflows") },
];
