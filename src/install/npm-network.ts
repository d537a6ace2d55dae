import { errorCode } from "../io/error-code.ts";
import { readBounded } from "../io/read-bounded.ts";
import type { NetworkSettings } from "./http.ts";
import type { NpmConfig } from "./npm-config.ts";

const MAX_CERTIFICATES_BYTES = 16 * 1024 * 1024;

/** Proxies, exceptions and certificate authorities of npm's configuration. */
export async function readNetworkSettings(npm: NpmConfig): Promise<NetworkSettings> {
  // As in npm, one proxy is for both schemes.
  const proxy = npm.text("https-proxy") ?? npm.text("proxy");
  const noProxy = npm.texts("noproxy").join(",");
  return {
    ...(proxy !== undefined && { proxy }),
    ...(noProxy !== "" && { noProxy }),
    certificates: [...npm.texts("ca"), ...(await readCafile(npm.text("cafile")))],
  };
}

/** The texts of a proxy's address that no log may show. */
export function proxySecrets({ proxy = "" }: NetworkSettings): string[] {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  return url ? [url.password, decodeURIComponent(url.password)] : [];
}

async function readCafile(path: string | undefined): Promise<string[]> {
  if (path === undefined) return [];
  try {
    return [(await readBounded(path, MAX_CERTIFICATES_BYTES)).toString("utf8")];
  } catch (error) {
    // As in npm, a setting that names a missing file does no harm.
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
