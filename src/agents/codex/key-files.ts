import { z } from "zod";
import type { StoredKey } from "../key-store.ts";
import { KeyText, lenient } from "../key-text.ts";

const AuthFile = z.object({
  OPENAI_API_KEY: lenient(KeyText),
  tokens: lenient(z.object({ access_token: KeyText, refresh_token: lenient(KeyText) })),
});

/** What of a token is looked at; `exp` is in seconds. */
const Claims = z.object({ exp: z.number() });

export function keysOf(content: unknown): StoredKey[] {
  const { OPENAI_API_KEY: key, tokens } = AuthFile.parse(content);
  if (key !== undefined) return [{ provider: "openai", key, type: "api_key" }];
  if (!tokens) return [];
  return [
    {
      provider: "openai",
      key: tokens.access_token,
      type: "oauth",
      expiresAt: expiryOf(tokens.access_token),
      renewable: tokens.refresh_token !== undefined,
    },
  ];
}

/** When a JSON Web Token ends, in milliseconds; undefined for one that does not say. */
function expiryOf(token: string): number | undefined {
  const [, payload = ""] = token.split(".");
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return Claims.parse(claims).exp * 1000;
  } catch {
    // No such token: nothing is known of its end.
    return undefined;
  }
}
