import { join } from "node:path";
import { z } from "zod";
import { folder, KeyText, type KeyStore, lenient, type StoredKey } from "../key-store.ts";

/** Amp's own server, where AMP_URL names no other. */
export const AMP_SERVER = "https://ampcode.com";

const NOTHING = /(?!)/;
const Key = lenient(KeyText);
const Secrets = z.record(z.string(), z.unknown());
const Config = z.object({
  anthropicApiKey: Key,
  anthropic_api_key: Key,
  apiKey: Key,
  api_key: Key,
  accessToken: Key,
  access_token: Key,
  token: Key,
  auth: lenient(z.object({ anthropicApiKey: Key, apiKey: Key, token: Key })),
  anthropic: lenient(z.object({ apiKey: Key, token: Key })),
});

/** Where Amp keeps its keys (0.0.1790142911), and where older versions kept one of Anthropic. */
export const ampKeys: KeyStore = {
  source: "amp",
  beforeVariables: false,
  takes: ["api_key"],
  files: [
    {
      path: (places) => join(folder(places, "XDG_DATA_HOME", ".local/share"), "amp/secrets.json"),
      read: (content, { env }) => secrets(content, env["AMP_URL"] || AMP_SERVER),
    },
    { path: ({ home }) => join(home, ".amp/config.json"), read: configured },
  ],
  choice: { variables: NOTHING, inline: [], files: () => [], pattern: NOTHING },
};

/** A key is of one server, and no other is ever sent it. */
function secrets(content: unknown, server: string): StoredKey[] {
  const plain = (url: string) => url.replace(/\/+$/, "");
  return Object.entries(Secrets.parse(content)).flatMap(([name, value]): StoredKey[] => {
    const [, url] = /^apiKey@(.+)$/.exec(name) ?? [];
    const key = KeyText.safeParse(value).data;
    if (url === undefined || key === undefined || plain(url) !== plain(server)) return [];
    return [{ provider: "amp", key, type: "api_key" }];
  });
}

function configured(content: unknown): StoredKey[] {
  const { auth, anthropic, ...top } = Config.parse(content);
  const all = [
    ...Object.values(top),
    ...(auth ? [auth.anthropicApiKey, auth.apiKey, auth.token] : []),
    ...(anthropic ? [anthropic.apiKey, anthropic.token] : []),
  ];
  return all.flatMap((key): StoredKey[] => {
    if (key === undefined) return [];
    const provider = key.startsWith("sgamp_") ? "amp" : "anthropic";
    return [{ provider, key, type: "api_key", unused: true }];
  });
}
