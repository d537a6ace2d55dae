import type { RepositorySettings } from "../../schema/session.ts";
import { ASKED } from "./rules.ts";

/** What the server shall not do by itself: update, share, fetch lists and tools; and what it shall (1.18.33). */
const SETTINGS = {
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_SHARE: "1",
  // Its plan agent then asks for approval.
  OPENCODE_EXPERIMENTAL_PLAN_MODE: "1",
};

/**
 * The environment of the server; what the user has set there counts, but for what is asked: a session
 * has rules of its own, which its subagents do not inherit, so those ask for everything and the
 * session answers in its place.
 */
export function serverEnvironment(
  env: Record<string, string>,
  repositorySettings: RepositorySettings,
): Record<string, string> {
  const asked = Object.fromEntries(ASKED.map((permission) => [permission, "ask"]));
  return {
    ...SETTINGS,
    ...env,
    OPENCODE_PERMISSION: JSON.stringify(asked),
    ...(repositorySettings === "ignore" && { OPENCODE_DISABLE_PROJECT_CONFIG: "1" }),
  };
}
