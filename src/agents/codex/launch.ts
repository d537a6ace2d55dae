import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readBounded } from "../../io/read-bounded.ts";

type Environment = Readonly<Record<string, string>>;

/** Off by default, or reaching for the network without being asked to (0.169.0). */
const SETTINGS = [
  "check_for_update_on_startup=false",
  "analytics.enabled=false",
  "features.plugins=false",
  "features.apps=false",
  "features.remote_plugin=false",
  "features.default_mode_request_user_input=true",
  // With it writable, what Codex leaves behind in it makes it take the folder for a project.
  "sandbox_workspace_write.exclude_slash_tmp=true",
  "suppress_unstable_features_warning=true",
  "tools.update_plan.enabled=true",
];

const MAX_CONFIG_BYTES = 1024 * 1024;

/** The name under which Codex is given a provider that takes the key from the environment. */
const PROVIDER = "sandbox_agent";
const KEY = "OPENAI_API_KEY";

/** The arguments of the server, after its name. */
export async function serverArguments(env: Environment): Promise<string[]> {
  const settings = [...SETTINGS, ...(await providerSettings(env))];
  return settings.flatMap((setting) => ["-c", setting]);
}

/**
 * The provider that Codex needs so that a key in the environment counts: its own one ignores the
 * variable. Who has logged in, or configured a provider, is left alone.
 */
async function providerSettings(env: Environment): Promise<string[]> {
  const key = env[KEY] ?? "";
  const home = env["CODEX_HOME"] ?? join(env["HOME"] ?? "", ".codex");
  if (key === "" || (await exists(join(home, "auth.json")))) return [];
  const config = await readBounded(join(home, "config.toml"), MAX_CONFIG_BYTES).catch(() => "");
  if (/^[ \t]*model_provider[ \t]*=/m.test(config.toString())) return [];
  const base = env["OPENAI_BASE_URL"] ?? "";
  const member = (name: string, value: string) =>
    `model_providers.${PROVIDER}.${name}=${JSON.stringify(value)}`;
  return [
    `model_provider=${JSON.stringify(PROVIDER)}`,
    // Of one that is called OpenAI it expects what nobody else offers, such as to shorten conversations.
    member("name", base === "" ? "OpenAI" : "OpenAI-compatible"),
    member("env_key", KEY),
    member("wire_api", "responses"),
    ...(base === "" ? [] : [member("base_url", base)]),
  ];
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** How a permission mode is said to Codex. */
export interface Permissions {
  approvalPolicy: "untrusted" | "never";
  sandbox: "read-only" | "workspace-write" | "danger-full-access";
}

/** The mode that counts: a session that plans has that of planning, unless it may do everything. */
export function modeOf(permissionMode: string, planning: boolean): string {
  if (planning && permissionMode !== "bypass") return "plan";
  return permissionMode === "plan" ? "default" : permissionMode;
}

/** `confined`: whether Codex can confine commands on this machine; else it must be told not to try. */
export function permissionsOf(mode: string, confined: boolean): Permissions {
  if (mode === "bypass") return { approvalPolicy: "never", sandbox: "danger-full-access" };
  if (!confined) return { approvalPolicy: "untrusted", sandbox: "danger-full-access" };
  const sandbox = mode === "plan" ? "read-only" : "workspace-write";
  return { approvalPolicy: "untrusted", sandbox };
}

/** The same for one turn, which spells it otherwise. */
export function sandboxPolicy(sandbox: Permissions["sandbox"]): { type: string } {
  const types = {
    "read-only": "readOnly",
    "workspace-write": "workspaceWrite",
    "danger-full-access": "dangerFullAccess",
  };
  return { type: types[sandbox] };
}
