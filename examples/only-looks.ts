const COMMANDS = new Set([
  "ls",
  "ls -a",
  "ls -l",
  "ls -la",
  "pwd",
  "git status",
  "git status --short",
  "git diff --stat",
  "git log --oneline",
]);

/**
 * Checks a command against a fixed list of commands that change nothing. A pattern for harmless commands
 * has holes, because shells and programs know too many characters and options.
 */
export function onlyLooks(command: string): boolean {
  return COMMANDS.has(command);
}
