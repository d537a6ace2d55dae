import { execa } from "execa";
import type { Environment } from "../../src/install/environment.ts";

const NETWORK_VARIABLES =
  /^(npm_config_(registry|cafile|.*proxy)|(https?|no)_proxy|node_extra_ca_certs)$/i;

/** The variables by which this machine reaches its npm registry, and no others. */
export async function npmRegistryEnvironment(): Promise<Environment> {
  const named = Object.entries(process.env).filter(([name]) => NETWORK_VARIABLES.test(name));
  const env = Object.fromEntries(named);
  if (env["npm_config_registry"]) return env;
  const { stdout } = await execa("npm", ["config", "get", "registry"]);
  return { ...env, npm_config_registry: stdout.trim() };
}
