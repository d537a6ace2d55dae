import { z } from "zod";
import { type Environment, firstSet } from "./environment.ts";
import { type HttpAnswer, type HttpClient, HttpStatusError, showUrl } from "./http.ts";
import { defaultRegistry, type NpmConfig, unsetVariable } from "./npm-config.ts";
import { credentialsFor, explainMissing } from "./registry-credentials.ts";

const MAX_METADATA_BYTES = 64 * 1024 * 1024;

/** What the registry says of a package. Versions are parsed one by one, when they are chosen. */
export const Packument = z.object({
  "dist-tags": z.record(z.string(), z.string()).default({}),
  versions: z.record(z.string(), z.unknown()),
});
export type Packument = z.infer<typeof Packument>;

/** What the registry says of one version of a package. */
export const Manifest = z.object({
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  dist: z.object({ tarball: z.string(), integrity: z.string().optional() }),
});
export type Manifest = z.infer<typeof Manifest>;

/** Where registries are named, and who is informed of credentials that are sent. */
export interface RegistryOptions {
  env: Environment;
  npm: NpmConfig;
  /** Receives texts that no log may show. */
  onSecrets?: (secrets: string[]) => void;
}

/**
 * The registry of a package: our own variable, then npm's setting for the package's scope, then
 * npm's setting for all packages, then npm's default.
 *
 * @throws when the setting is not an http or https URL.
 */
export function registryOf(
  packageName: string,
  { env, npm }: Pick<RegistryOptions, "env" | "npm">,
): URL {
  const [scope] = packageName.startsWith("@") ? packageName.split("/") : [];
  const keys = scope === undefined ? ["registry"] : [`${scope}:registry`, "registry"];
  const key = keys.find((key) => npm.text(key) !== undefined);
  const own = firstSet(env, ["SANDBOX_AGENT_REGISTRY"]);
  const text = own ?? (key === undefined ? defaultRegistry : (npm.text(key) ?? ""));
  const url = parseHttpUrl(text);
  if (!url) {
    const named =
      own === undefined && key !== undefined ? ` (${key} in ${npm.find(key)?.source})` : "";
    const unset = unsetVariable(text);
    const reason = unset === undefined ? "" : `: the variable ${unset} is not set`;
    throw new Error(`the npm registry is not named by an http or https URL${named}${reason}`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** The host of a registry that is not npm's default one. */
export function foreignHost(registry: URL): string | undefined {
  return registry.host === new URL(defaultRegistry).host ? undefined : registry.host;
}

/** Reads packages from an npm registry. */
export class Registry {
  readonly #http: HttpClient;
  readonly #options: RegistryOptions;

  constructor(http: HttpClient, options: RegistryOptions) {
    this.#http = http;
    this.#options = options;
  }

  async readPackument(name: string, signal: AbortSignal): Promise<Packument> {
    const registry = registryOf(name, this.#options);
    const url = new URL(registry.pathname + name.replace("/", "%2f"), registry.origin);
    const accept = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
    try {
      const { body } = await this.#get(url, { registry, headers: { accept }, signal });
      return Packument.parse(JSON.parse(await readText(body)));
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof HttpStatusError && cause.status === 404) {
        throw new Error(`the registry ${showUrl(registry)} has no package ${name}`, { cause });
      }
      if (cause instanceof SyntaxError || cause instanceof z.ZodError) {
        throw new Error(`${showUrl(url)} answered something that is not npm metadata`, { cause });
      }
      throw cause;
    }
  }

  /**
   * Opens the tarball of a package at the address that its metadata gives. `from` is the first byte
   * that is asked for; the answer may all the same begin before it.
   */
  async openTarball(
    name: string,
    address: string,
    { from, signal }: { from: number; signal: AbortSignal },
  ): Promise<HttpAnswer> {
    const registry = registryOf(name, this.#options);
    const url = tarballUrl(address, registry, this.#options.npm);
    const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
    return await this.#get(url, { registry, headers, signal });
  }

  async #get(
    url: URL,
    {
      registry,
      headers,
      signal,
    }: { registry: URL; headers: Record<string, string>; signal: AbortSignal },
  ): Promise<HttpAnswer> {
    const credentials = credentialsFor(this.#options.npm, { url, registry });
    this.#options.onSecrets?.(credentials?.secrets ?? []);
    const authorization = credentials && { authorization: credentials.authorization };
    try {
      return await this.#http.get(url, { headers: { ...headers, ...authorization }, signal });
    } catch (cause) {
      if (!(cause instanceof HttpStatusError) || ![401, 403].includes(cause.status)) throw cause;
      const reason = credentials
        ? `the credentials of ${credentials.origin} were rejected`
        : explainMissing(this.#options.npm, url.host === registry.host ? registry : url);
      throw new Error(`${cause.message}: ${reason}`, { cause });
    }
  }
}

/**
 * As in npm (`replace-registry-host`), an address on the public registry means the registry that was
 * asked, because mirrors repeat its metadata unchanged. Any other address is followed.
 */
function tarballUrl(address: string, registry: URL, npm: NpmConfig): URL {
  const url = parseHttpUrl(address);
  if (!url) throw new Error("the metadata names no address of the tarball");
  const replaced = npm.text("replace-registry-host") ?? "npmjs";
  const publicHost = replaced === "npmjs" ? new URL(defaultRegistry).host : replaced;
  if (replaced !== "always" && url.host !== publicHost) return url;
  return new URL(registry.pathname + url.pathname.slice(1) + url.search, registry.origin);
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && ["http:", "https:"].includes(url.protocol) ? url : undefined;
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_METADATA_BYTES) throw new Error("the registry's metadata is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
