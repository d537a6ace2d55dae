/** A rule of a session: the last one that fits counts. */
export interface Rule {
  permission: string;
  pattern: string;
  action: "allow" | "ask" | "deny";
}

/** What is asked for unless the mode says otherwise. */
export const ASKED = ["edit", "bash", "webfetch", "external_directory"];

/** What a session is allowed, asked or denied; what is not named is OpenCode's own affair. */
export function rulesOf(mode: string): Rule[] {
  const every = (permission: string, action: Rule["action"]): Rule => {
    return { permission, pattern: "*", action };
  };
  if (mode === "bypass") return [every("*", "allow")];
  const asked = ASKED.map((permission) => every(permission, "ask"));
  // In the mode acceptEdits the session accepts edits inside its directory, with links followed.
  if (mode === "plan") return [...asked, every("edit", "deny")];
  return asked;
}

/** What the mode says of a permission that a subagent asks for; undefined: somebody has to say. */
export function verdictOf(mode: string, permission: string): "once" | "reject" | undefined {
  const [last] = rulesOf(mode)
    .filter((rule) => ["*", permission].includes(rule.permission))
    .slice(-1);
  if (last?.action === "allow") return "once";
  return last?.action === "deny" ? "reject" : undefined;
}
