import { z } from "zod";
import type { StoredKey } from "../key-store.ts";
import { KeyText } from "../key-text.ts";

const AuthFile = z.record(z.string(), z.unknown());

const Login = z.discriminatedUnion("type", [
  z.object({ type: z.literal("api"), key: KeyText }),
  z.object({
    type: z.literal("oauth"),
    access: KeyText,
    refresh: z.string().optional(),
    /** Milliseconds; 0 where it does not end. */
    expires: z.number().optional().catch(undefined),
  }),
]);

/** What one provider's entry is does not matter to the others. */
export function keysOf(content: unknown): StoredKey[] {
  return Object.entries(AuthFile.parse(content)).flatMap(([provider, entry]): StoredKey[] => {
    const login = Login.safeParse(entry).data;
    if (login?.type === "api") return [{ provider, key: login.key, type: "api_key" }];
    if (!login) return [];
    const { access, refresh = "", expires = 0 } = login;
    const expiresAt = expires === 0 ? undefined : expires;
    return [{ provider, key: access, type: "oauth", expiresAt, renewable: refresh !== "" }];
  });
}
