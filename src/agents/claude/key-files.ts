import { z } from "zod";
import type { StoredKey } from "../key-store.ts";
import { KeyText, lenient } from "../key-text.ts";

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

/** Of its members Claude Code itself reads only the first. */
export function apiKeys(content: unknown, use: "used" | "unused"): StoredKey[] {
  const { primaryApiKey, ...others } = ApiKeyFile.parse(content);
  const all = [primaryApiKey, others.apiKey, others.anthropicApiKey, others.customApiKey];
  return all.flatMap((key, index): StoredKey[] => {
    if (key === undefined) return [];
    const unused = use === "unused" || index > 0;
    return [{ provider: "anthropic", key, type: "api_key", ...(unused && { unused }) }];
  });
}

export function login(content: unknown): StoredKey {
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
