import { join } from "node:path";
import { z } from "zod";
import {
  folder,
  KeyText,
  type KeyStore,
  lenient,
  type Places,
  type StoredKey,
} from "../key-store.ts";

const ApiKey = lenient(KeyText.startsWith("sk-ant-"));

const ApiKeyFile = z.object({
  primaryApiKey: ApiKey,
  apiKey: ApiKey,
  anthropicApiKey: ApiKey,
  customApiKey: ApiKey,
});

const LoginFile = z.object({
  claudeAiOauth: z.object({
    accessToken: KeyText,
    refreshToken: lenient(KeyText),
    /** Milliseconds, or a date as text. */
    expiresAt: lenient(z.union([z.number(), z.string()])),
  }),
});

/** Where Claude Code keeps its keys (as of 2.1.330); on macOS its login is in the key ring, which is not read. */
export const claudeKeys: KeyStore = {
  source: "claude-code",
  beforeVariables: false,
  takes: ["api_key", "oauth"],
  files: [
    { path: ({ home }) => join(home, ".claude.json.api"), read: (file) => apiKeys(file, "unused") },
    { path: stateFile, read: (file) => apiKeys(file, "used") },
    {
      path: (places) => join(configFolder(places), ".credentials.json"),
      read: (file) => [login(file)],
    },
    {
      path: ({ home }) => join(home, ".claude-oauth-credentials.json"),
      read: (file) => [{ ...login(file), renewable: false, unused: true }],
    },
  ],
  choice: {
    variables: /^CLAUDE_CODE_(USE_(BEDROCK|VERTEX|FOUNDRY)|(OAUTH_TOKEN|API_KEY)_FILE_DESCRIPTOR)$/,
    inline: [],
    files: (places) => [
      join(configFolder(places), "settings.json"),
      "/etc/claude-code/managed-settings.json",
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

/** Of its members Claude Code itself reads only the first. */
function apiKeys(content: unknown, use: "used" | "unused"): StoredKey[] {
  const { primaryApiKey, ...others } = ApiKeyFile.parse(content);
  const all = [primaryApiKey, others.apiKey, others.anthropicApiKey, others.customApiKey];
  return all.flatMap((key, index): StoredKey[] => {
    if (key === undefined) return [];
    const unused = use === "unused" || index > 0;
    return [{ provider: "anthropic", key, type: "api_key", ...(unused && { unused }) }];
  });
}

function login(content: unknown): StoredKey {
  const { accessToken, refreshToken, expiresAt } = LoginFile.parse(content).claudeAiOauth;
  const ends = typeof expiresAt === "string" ? Date.parse(expiresAt) : expiresAt;
  return {
    provider: "anthropic",
    key: accessToken,
    type: "oauth",
    // A date that cannot be read is as good as none.
    expiresAt: Number.isNaN(ends) ? undefined : ends,
    renewable: refreshToken !== undefined,
  };
}
