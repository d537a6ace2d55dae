import { join } from "node:path";
import { folder, type KeyStore, type Places } from "../key-store.ts";

/** Where Codex keeps its keys (as of 0.169.0). */
export const codexKeys: KeyStore = {
  source: "codex",
  beforeVariables: true,
  takes: ["api_key"],
  files: [
    {
      path: (places) => join(configFolder(places), "auth.json"),
      read: async (file) => (await import("./key-files.ts")).keysOf(file),
    },
  ],
  setUps: {
    ofVariables: async (env) => (await import("./set-ups.ts")).ofVariables(env),
    ofSettings: async (text, places) => (await import("./set-ups.ts")).ofSettings(text, places),
  },
  choice: {
    variables: /^CODEX_ACCESS_TOKEN$/,
    inline: [],
    files: (places) => [join(configFolder(places), "config.toml")],
    pattern: /^[ \t]*(model_provider|cli_auth_credentials_store)[ \t]*=/m,
  },
};

function configFolder(places: Places): string {
  return folder(places, "CODEX_HOME", ".codex");
}
