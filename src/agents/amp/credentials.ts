import { join } from "node:path";
import { folder, type KeyStore } from "../key-store.ts";

/** Amp's own server, where AMP_URL names no other. */
export const AMP_SERVER = "https://ampcode.com";

const NOTHING = /(?!)/;

/** Where Amp keeps its keys (0.0.1790142911), and where older versions kept one of Anthropic. */
export const ampKeys: KeyStore = {
  source: "amp",
  beforeVariables: false,
  takes: ["api_key"],
  files: [
    {
      path: (places) => join(folder(places, "XDG_DATA_HOME", ".local/share"), "amp/secrets.json"),
      read: async (file, { env }) => {
        const { secrets } = await import("./key-files.ts");
        return secrets(file, env["AMP_URL"] || AMP_SERVER);
      },
    },
    {
      path: ({ home }) => join(home, ".amp/config.json"),
      read: async (file) => (await import("./key-files.ts")).configured(file),
    },
  ],
  choice: { variables: NOTHING, inline: [], files: () => [], pattern: NOTHING },
};
