import { type NpmConfig, unsetVariable } from "./npm-config.ts";

/** The credentials that are sent to a registry. */
export interface RegistryCredentials {
  /** The value of the `authorization` header. */
  authorization: string;
  /** The settings that hold it and their file, for error messages. */
  origin: string;
  /** The texts that no log may show. */
  secrets: string[];
}

/**
 * The credentials that a URL gets when a package comes from this registry. Each host gets its own
 * alone. Those of the registry cover its whole host, which may keep tarballs under another path.
 */
export function credentialsFor(
  npm: NpmConfig,
  { url, registry }: { url: URL; registry: URL },
): RegistryCredentials | undefined {
  // Metadata that came over https must not make a secret travel in the clear.
  if (registry.protocol === "https:" && url.protocol === "http:") return undefined;
  const own = url.origin === registry.origin ? credentialsIn(registry) : undefined;
  const found = own ?? findCredentials(npm, url);
  return found ?? (url.host === registry.host ? findCredentials(npm, registry) : undefined);
}

/**
 * The credentials for a URL in npm's configuration. As in npm, the longest path that has some wins,
 * upwards to the host: `//host/path/:_authToken`, `:_auth`, or `:username` with `:_password`.
 */
function findCredentials(npm: NpmConfig, url: URL): RegistryCredentials | undefined {
  for (const key of keysOf(url)) {
    const found = credentialsAt(npm, key);
    if (found) return found;
  }
  return undefined;
}

/** The reason why a registry has no credentials: the key that was looked up, and the places. */
export function explainMissing(npm: NpmConfig, registry: URL): string {
  for (const key of keysOf(registry)) {
    for (const name of ["_authToken", "_auth", "username", "_password"]) {
      const setting = npm.find(`${key}:${name}`);
      const variable = setting && unsetVariable(String(setting.value));
      if (setting && variable !== undefined) {
        return `${key}:${name} in ${setting.source} refers to ${variable}, which is not set`;
      }
    }
  }
  const { host, pathname } = registry;
  return `//${host}${pathname}:_authToken was not found in ${npm.sources.join(", ")}`;
}

/** From the whole path up to the host. Both `//host/path/:_auth` and `//host/path:_auth` are valid. */
function* keysOf({ host, pathname }: URL): Generator<string> {
  let key = `//${host}${pathname}`;
  while (key.length > "//".length) {
    yield key;
    key = key.replace(/(?:[^/]+|\/)$/, "");
  }
}

function credentialsAt(npm: NpmConfig, key: string): RegistryCredentials | undefined {
  const read = (name: string) => {
    const text = npm.text(`${key}:${name}`);
    return text === undefined || unsetVariable(text) !== undefined ? undefined : text;
  };
  const origin = (name: string) => `${key}:${name} in ${npm.find(`${key}:${name}`)?.source}`;
  const token = read("_authToken");
  if (token !== undefined) {
    return { authorization: `Bearer ${token}`, origin: origin("_authToken"), secrets: [token] };
  }
  const pair = read("_auth");
  if (pair !== undefined) {
    const [, password] = splitPair(Buffer.from(pair, "base64").toString("utf8"));
    return { authorization: `Basic ${pair}`, origin: origin("_auth"), secrets: [pair, password] };
  }
  const [username, encoded] = [read("username"), read("_password")];
  if (username === undefined || encoded === undefined) return undefined;
  const password = Buffer.from(encoded, "base64").toString("utf8");
  const basic = encodePair(username, password);
  return {
    authorization: `Basic ${basic}`,
    origin: origin("_password"),
    secrets: [encoded, password, basic],
  };
}

/** The credentials that a URL itself carries. */
function credentialsIn({ username, password }: URL): RegistryCredentials | undefined {
  if (username === "") return undefined;
  const decoded = decodeURIComponent(password);
  const basic = encodePair(decodeURIComponent(username), decoded);
  return {
    authorization: `Basic ${basic}`,
    origin: "the registry's own address",
    secrets: [decoded, basic],
  };
}

function splitPair(pair: string): [string, string] {
  const [username = "", ...rest] = pair.split(":");
  return [username, rest.join(":")];
}

function encodePair(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}
