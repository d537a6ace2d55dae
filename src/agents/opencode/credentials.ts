import { join } from "node:path";
import { folder, type KeyStore } from "../key-store.ts";

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
      read: async (file) => (await import("./key-files.ts")).keysOf(file),
    },
  ],
  setUps: {
    ofVariables: async (env) => (await import("./set-up-variables.ts")).ofVariables(env),
    ofSettings: async (text, places) => (await import("./set-ups.ts")).ofSettings(text, places),
  },
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
