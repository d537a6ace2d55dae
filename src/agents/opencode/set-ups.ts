import { z } from "zod";
import { parseJsonc } from "../jsonc.ts";
import type { Places } from "../key-store.ts";
import { lenient } from "../key-text.ts";

const Provider = z.object({
  options: lenient(
    z.object({ apiKey: lenient(z.string()), baseURL: lenient(z.string().trim().min(1)) }),
  ),
});
const Settings = z.object({ provider: lenient(z.record(z.string(), z.unknown())) });

/** The providers of the configuration that have a key, or an address and so need none (1.18.33). */
export function ofSettings(text: string, { env }: Places): string[] {
  const { provider = {} } = Settings.parse(parseJsonc(text));
  return Object.entries(provider).flatMap(([name, value]) => {
    const { apiKey, baseURL } = Provider.safeParse(value).data?.options ?? {};
    const isUsable = apiKey === undefined ? baseURL !== undefined : isGiven(apiKey, env);
    return isUsable ? [`provider ${name}`] : [];
  });
}

/** Whether a value is there after OpenCode has put in the variables that it names. */
function isGiven(value: string, env: Places["env"]): boolean {
  return (
    value.replaceAll(/\{env:([^{}]{1,200})\}/g, (_, name: string) => env[name] ?? "").trim() !== ""
  );
}
