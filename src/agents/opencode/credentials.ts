import { join } from "node:path";
import { z } from "zod";
import { folder, KeyText, type KeyStore, type StoredKey } from "../key-store.ts";

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

/** Keys of others among its many providers: with one more its own choice of a model would be another. */
const CHOOSING =
  /^(OPENCODE_AUTH_CONTENT|AWS_(ACCESS_KEY_ID|PROFILE|BEARER_TOKEN_BEDROCK)|(?!(ANTHROPIC|CLAUDE|OPENAI|CODEX|AMP)_API_KEY)\w+_API_KEY)$/;

/** Where OpenCode keeps its keys: of every provider that it knows (as of 1.18.33). */
export const opencodeKeys: KeyStore = {
  source: "opencode",
  beforeVariables: true,
  takes: ["api_key"],
  files: [
    {
      path: (places) => join(folder(places, "XDG_DATA_HOME", ".local/share"), "opencode/auth.json"),
      read: keysOf,
    },
  ],
  choice: {
    variables: CHOOSING,
    inline: ["OPENCODE_CONFIG_CONTENT"],
    files: (places) => {
      const own = places.env["OPENCODE_CONFIG"] ?? "";
      const config = join(folder(places, "XDG_CONFIG_HOME", ".config"), "opencode");
      const names = ["opencode.json", "opencode.jsonc", "config.json"];
      return [...names.map((name) => join(config, name)), ...(own === "" ? [] : [own])];
    },
    pattern: /"(provider|model|enabled_providers|disabled_providers)"\s*:/,
  },
};

/** What one provider's entry is does not matter to the others. */
function keysOf(content: unknown): StoredKey[] {
  return Object.entries(AuthFile.parse(content)).flatMap(([provider, entry]): StoredKey[] => {
    const login = Login.safeParse(entry).data;
    if (login?.type === "api") return [{ provider, key: login.key, type: "api_key" }];
    if (!login) return [];
    const { access, refresh = "", expires = 0 } = login;
    const expiresAt = expires === 0 ? undefined : expires;
    return [{ provider, key: access, type: "oauth", expiresAt, renewable: refresh !== "" }];
  });
}
