/** Which daemon is asked, and with what. */
export interface Settings {
  /** Without a slash at its end. */
  url: string;
  token?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
}

const names = ["url", "token", "headers"];

/**
 * What a link to the page hands over, in its fragment or, as the reference's SDK has it, in its query,
 * and the address without it, which is all that may be seen of it.
 */
export function readLink(href: string): { given: Partial<Settings>; clean: string } {
  const address = new URL(href);
  const fragment = new URLSearchParams(address.hash.slice(1));
  const isOurs = names.some((name) => fragment.has(name));
  const find = (name: string) => {
    const value = (fragment.get(name) ?? address.searchParams.get(name) ?? "").trim();
    return value === "" ? undefined : value;
  };
  const url = toBaseUrl(find("url") ?? "");
  const token = find("token");
  const headers = toHeaders(find("headers"));
  for (const name of names) address.searchParams.delete(name);
  if (isOurs) address.hash = "";
  return {
    given: {
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...(headers && { headers }),
    },
    clean: address.href,
  };
}

/**
 * What to ask with: what the link hands over, else what this tab has kept, else the daemon that served
 * the page. Whatever is kept for one daemon is not given to another.
 */
export function settingsFrom(
  own: string,
  given: Partial<Settings>,
  kept: Settings | undefined,
): Settings {
  const hasLink = Object.keys(given).length > 0;
  const url = given.url ?? (hasLink ? own : (kept?.url ?? own));
  const known = kept?.url === url ? kept : undefined;
  return { ...known, url, ...given };
}

/**
 * The address of the other daemon that a link names, or undefined. The daemon that served the page
 * and the one that the tab already uses are not others.
 */
export function otherDaemon(
  own: string,
  given: Partial<Settings>,
  kept: Settings | undefined,
): string | undefined {
  const { url } = given;
  return url === own || url === kept?.url ? undefined : url;
}

/** What a person has typed as an address; undefined for what is none. */
export function toBaseUrl(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "") return undefined;
  return `${url.origin}${url.pathname}`.replace(/(?<!\/)\/+$/, "");
}

/** Headers as JSON; undefined for what are none. */
export function toHeaders(json: string | undefined): Record<string, string> | undefined {
  if (json === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    const entries = Object.entries(parsed).map(([name, value]) => [name, String(value)] as const);
    // Of the names that HTTP allows only these are safe in a line for a shell.
    if (entries.some(([name]) => !/^[\w-]+$/.test(name))) return undefined;
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  } catch {
    return undefined;
  }
}

const KEY = "sandbox-agent";

/** Kept as long as the tab: a copied address holds no secret, and a reload needs none. */
export function readKept(storage: Storage): Settings | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null || !("url" in kept)) return undefined;
    const url = toBaseUrl(String(kept.url));
    if (url === undefined) return undefined;
    const token = "token" in kept ? String(kept.token) : undefined;
    const headers = "headers" in kept ? toHeaders(JSON.stringify(kept.headers)) : undefined;
    return { url, ...(token !== undefined && { token }), ...(headers && { headers }) };
  } catch {
    return undefined;
  }
}

export function keep(storage: Storage, settings: Settings): void {
  try {
    storage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // A browser may forbid it; then a reload asks for the token again.
  }
}
