import registryUrl, { defaultUrl } from "registry-url";
import { z } from "zod";
import { type Environment, firstSet } from "./environment.ts";
import { type HttpAnswer, type HttpClient, HttpStatusError, showUrl } from "./http.ts";

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

/** Where a package is asked for: our own variable, npm's variable, then npm's configuration. */
export function registryOf(packageName: string, env: Environment): URL {
  const named = firstSet(env, [
    "SANDBOX_AGENT_REGISTRY",
    "npm_config_registry",
    "NPM_CONFIG_REGISTRY",
  ]);
  const [scope] = packageName.startsWith("@") ? packageName.split("/") : [];
  const text = named ?? registryUrl(scope);
  const url = parseHttpUrl(text);
  if (!url) throw new Error("the npm registry is not named by an http or https URL");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Reads packages from an npm registry. */
export class Registry {
  readonly #http: HttpClient;
  readonly #env: Environment;

  constructor(http: HttpClient, env: Environment) {
    this.#http = http;
    this.#env = env;
  }

  async readPackument(name: string, signal: AbortSignal): Promise<Packument> {
    const registry = registryOf(name, this.#env);
    const url = new URL(registry.pathname + name.replace("/", "%2f"), registry.origin);
    const headers = {
      accept: "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8",
      ...authorization(registry),
    };
    try {
      const { body } = await this.#http.get(url, { headers, signal });
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
    const registry = registryOf(name, this.#env);
    const url = tarballUrl(address, registry);
    const headers = {
      ...(from > 0 && { range: `bytes=${from}-` }),
      ...(url.origin === registry.origin && authorization(registry)),
    };
    return await this.#http.get(url, { headers, signal });
  }
}

/**
 * As npm does (`replace-registry-host`): mirrors repeat the metadata of the public registry as it
 * is, so an address there means the registry that was asked; any other address is followed.
 */
function tarballUrl(address: string, registry: URL): URL {
  const url = parseHttpUrl(address);
  if (!url) throw new Error("the metadata names no address of the tarball");
  if (url.host !== new URL(defaultUrl).host) return url;
  return new URL(registry.pathname + url.pathname.slice(1) + url.search, registry.origin);
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && ["http:", "https:"].includes(url.protocol) ? url : undefined;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
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
