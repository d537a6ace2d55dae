import { z } from "zod";
import type { StoredKey } from "../key-store.ts";
import { KeyText, lenient } from "../key-text.ts";

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

/** A key is of one server, and no other is ever sent it. */
export function secrets(content: unknown, server: string): StoredKey[] {
  const plain = (url: string) => url.replace(/(?<!\/)\/+$/, "");
  return Object.entries(Secrets.parse(content)).flatMap(([name, value]): StoredKey[] => {
    const [, url] = /^apiKey@(.+)$/.exec(name) ?? [];
    const key = KeyText.safeParse(value).data;
    if (url === undefined || key === undefined || plain(url) !== plain(server)) return [];
    return [{ provider: "amp", key, type: "api_key" }];
  });
}

export function configured(content: unknown): StoredKey[] {
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
