import { chmod } from "node:fs/promises";
import { join } from "node:path";
import type { InstallRecipe, Platform } from "../agents/recipe.ts";
import type { InstallProgress } from "../schema/agent.ts";
import { AgentFolder } from "./agent-folder.ts";
import { download } from "./download.ts";
import type { Environment } from "./environment.ts";
import { isExecutable } from "./find-executable.ts";
import { PROGRAM_MODE } from "./folder-modes.ts";
import { HttpClient } from "./http.ts";
import { NpmConfig } from "./npm-config.ts";
import { proxySecrets, readNetworkSettings } from "./npm-network.ts";
import { foreignHost, Registry, registryOf } from "./registry.ts";
import { type Release, resolveRelease } from "./release.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { unpack } from "./unpack.ts";

export interface InstallReleaseOptions {
  agentId: string;
  folder: AgentFolder;
  recipe: InstallRecipe;
  platform: Platform;
  env: Environment;
  /** An exact version, a range or a dist-tag; undefined means `latest`. */
  wanted: string | undefined;
  /** Download also what is there already. */
  reinstall: boolean;
  /** Make it the version that is used when nobody asks for another, also where there is one. */
  makeCurrent: boolean;
  /** Versions that must not be removed, besides the current and one previous. */
  keep: ReadonlySet<string>;
  stallTimeoutMs: number;
  onProgress: (progress: InstallProgress) => void;
  /** Receives what an operator should know about the registry. */
  log: InstallLog;
  /** Receives texts that no log may show. */
  onSecrets: (secrets: string[]) => void;
  signal: AbortSignal;
}

/** Receives one line for each fact. */
export interface InstallLog {
  info(line: string): void;
  warn(line: string): void;
}

/** Brings one version of an agent from the registry into its folder. Until the end nothing changes there. */
export async function installRelease(
  options: InstallReleaseOptions,
): Promise<{ version: string; path: string }> {
  const { folder, recipe, platform, env, wanted, onProgress, stallTimeoutMs, signal } = options;
  onProgress({ phase: "resolving", receivedBytes: 0 });
  const npm = await NpmConfig.load(env);
  reportSettings(npm, options);
  const network = await readNetworkSettings(npm);
  options.onSecrets(proxySecrets(network));
  await using http = await HttpClient.open({ env, network, stallTimeoutMs });
  const registry = new Registry(http, { env, npm, onSecrets: options.onSecrets });
  const release = await resolveRelease(registry, { recipe, platform, wanted, signal });
  const { version } = release;
  const { executable } = release.package;

  await folder.prepare();
  if (options.reinstall || !(await folder.findExecutable(version, executable))) {
    await fetchRelease(registry, release, options);
  }
  signal.throwIfAborted();
  if (options.makeCurrent || !(await hasUsableCurrent(folder, executable))) {
    await folder.switchTo(version);
  }
  await folder.prune(new Set([...options.keep, version]));
  return { version, path: join(folder.versionPath(version), executable) };
}

function reportSettings(
  npm: NpmConfig,
  { agentId, recipe, env, log }: InstallReleaseOptions,
): void {
  const host = foreignHost(registryOf(recipe.metaPackage, { env, npm }));
  if (host !== undefined) log.info(`installing ${agentId} from ${host}`);
  const strict = npm.find("strict-ssl");
  if (strict?.value === false) {
    log.warn(
      `strict-ssl=false in ${strict.source} is ignored: name the registry's authority by cafile`,
    );
  }
}

async function fetchRelease(
  registry: Registry,
  release: Release,
  { folder, onProgress, signal }: InstallReleaseOptions,
): Promise<void> {
  const { files, without = [], executable, name } = release.package;
  let progress: InstallProgress = { phase: "downloading", receivedBytes: 0 };
  const report = (change: Partial<InstallProgress>) => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  report({});
  const tarball = download(registry, release, {
    onStart: (totalBytes) => report(totalBytes === undefined ? {} : { totalBytes }),
    onBytes: (receivedBytes) => report({ receivedBytes }),
    onReceived: () => report({ phase: "verifying" }),
    onVerified: () => report({ phase: "unpacking" }),
    signal,
  });
  await using unpacked = await createTemporaryFolder(folder.path);
  await unpack(tarball, { folder: unpacked.path, files, without, signal });
  const path = join(unpacked.path, executable);
  await chmod(path, PROGRAM_MODE).catch(() => {});
  if (!(await isExecutable(path))) throw new Error(`the tarball of ${name} has no ${executable}`);
  signal.throwIfAborted();
  await folder.publish(unpacked.path, release.version);
}

async function hasUsableCurrent(folder: AgentFolder, executable: string): Promise<boolean> {
  const current = await folder.readCurrent();
  return current !== undefined && (await folder.findExecutable(current, executable)) !== undefined;
}
