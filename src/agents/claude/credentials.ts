import { join } from "node:path";
import { folder, type KeyStore, type Places } from "../key-store.ts";

/** Where Claude Code keeps its keys (as of 2.1.330); on macOS its login is in the key ring, which is not read. */
export const claudeKeys: KeyStore = {
  source: "claude-code",
  beforeVariables: false,
  takes: ["api_key", "oauth"],
  files: [
    {
      path: ({ home }) => join(home, ".claude.json.api"),
      read: async (file) => (await import("./key-files.ts")).apiKeys(file, "unused"),
    },
    {
      path: stateFile,
      read: async (file) => (await import("./key-files.ts")).apiKeys(file, "used"),
    },
    {
      path: (places) => join(configFolder(places), ".credentials.json"),
      read: async (file) => [(await import("./key-files.ts")).login(file)],
    },
    {
      path: ({ home }) => join(home, ".claude-oauth-credentials.json"),
      read: async (file) => {
        const { login } = await import("./key-files.ts");
        return [{ ...login(file), renewable: false, unused: true }];
      },
    },
  ],
  setUps: {
    ofVariables: async (env) => (await import("./set-up-variables.ts")).ofVariables(env),
    ofSettings: async (text) => (await import("./set-ups.ts")).ofSettings(text),
  },
  choice: {
    variables: /^CLAUDE_CODE_(USE_(BEDROCK|VERTEX|FOUNDRY)|(OAUTH_TOKEN|API_KEY)_FILE_DESCRIPTOR)$/,
    inline: [],
    files: (places) => [
      join(configFolder(places), "settings.json"),
      "/etc/claude-code/managed-settings.json",
      "/Library/Application Support/ClaudeCode/managed-settings.json",
      // The key ring of macOS is closed to us, but who has logged in stands here.
      ...(places.os === "darwin" ? [stateFile(places)] : []),
    ],
    pattern:
      /"(apiKeyHelper|oauthAccount|ANTHROPIC_API_KEY|ANTHROPIC_AUTH_TOKEN|CLAUDE_CODE_USE_\w+)"\s*:/,
  },
};

function configFolder(places: Places): string {
  return folder(places, "CLAUDE_CONFIG_DIR", ".claude");
}

/** The variable that moves the folder also moves this file, which is else beside it. */
function stateFile(places: Places): string {
  return join(folder(places, "CLAUDE_CONFIG_DIR", ""), ".claude.json");
}
