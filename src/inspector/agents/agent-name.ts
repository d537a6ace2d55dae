const names: Record<string, string> = {
  claude: "Claude Code",
  codex: "Codex",
  opencode: "OpenCode",
  amp: "Amp",
  mock: "Mock",
};

/** What people call an agent. */
export function agentName(id: string): string {
  return names[id] ?? id;
}
