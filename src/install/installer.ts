import { join } from "node:path";
import semver from "semver";
import type { InstallRecipe, Platform } from "../agents/recipe.ts";
import type { ChildUser } from "../io/child-user.ts";
import type { InstallProgress } from "../schema/agent.ts";
import { ProblemError } from "../schema/problem.ts";
import { AgentFolder } from "./agent-folder.ts";
import { describeError } from "./describe-error.ts";
import type { Environment } from "./environment.ts";
import { findOnPath, isExecutable, isFile, pathsOf } from "./find-executable.ts";
import { isProtected } from "./folder-modes.ts";
import type { InstallLog } from "./install-release.ts";
import { detectPlatform } from "./platform.ts";
import { SharedTask } from "./shared-task.ts";
import { VersionProbe } from "./version-probe.ts";

const STALL_TIMEOUT_MS = 60_000;
const SILENT: InstallLog = { info() {}, warn() {} };

export interface InstallerOptions {
  /** Where agents are installed. Searched first when a version is requested. */
  installDir: string;
  /** Searched first when no version is requested. Laid out as an install dir, never written to. */
  systemDirs?: readonly string[];
  /** PATH, HOME, the variables of proxies, CAs and the registry. */
  env: Environment;
  /** Forbids any download. */
  offline?: boolean;
  /** What to install for; what this process runs on where it is not given. */
  platform?: Platform;
  /** How long a connection may be silent. */
  stallTimeoutMs?: number;
  /** How long an executable may take to tell its version. */
  versionTimeoutMs?: number;
  /** How long that is waited for where nobody asks for a certain version; all of it where not given. */
  versionPatienceMs?: number;
  /** The user that agents run as, and so are asked for their version. */
  user?: ChildUser | undefined;
  /** Told of every install that is over. */
  onInstalled?: (install: InstallObservation) => void;
  /** Receives what an operator should know. */
  log?: InstallLog;
  /** Receives texts that no log may show: credentials of registries and proxies. */
  onSecrets?: (secrets: string[]) => void;
}

/** An install that is over. */
export interface InstallObservation {
  agent: string;
  outcome: "installed" | "failed" | "cancelled";
  seconds: number;
}

/** An agent's executable on this machine. */
export interface Installed {
  path: string;
  /** Undefined where an executable on PATH does not tell it, or has not told it yet. */
  version?: string;
  source: "install-dir" | "system" | "path";
}

export interface InstallOptions {
  /** An exact version, a range or a dist-tag; otherwise whatever is there will do. */
  version?: string;
  /** Download also what is there already. */
  reinstall?: boolean;
  signal?: AbortSignal;
}

interface Request extends InstallOptions {
  agentId: string;
  recipe: InstallRecipe;
  makeCurrent: boolean;
}

interface Running {
  key: string;
  task: SharedTask<Installed>;
}

/** Finds agents on this machine and brings those that are missing. One install per agent at a time. */
export class Installer implements AsyncDisposable {
  readonly #options: InstallerOptions;
  readonly #platform: Platform | undefined;
  readonly #probe: VersionProbe;
  readonly #running = new Map<string, Running>();
  readonly #progress = new Map<string, InstallProgress>();
  /** Versions that sessions of this daemon run, by agent: they stay while it lives. */
  readonly #handedOut = new Map<string, Set<string>>();
  readonly #warnings = new Set<string>();
  #isDisposed = false;

  constructor(options: InstallerOptions) {
    this.#options = options;
    this.#platform = options.platform ?? detectPlatform();
    this.#probe = new VersionProbe(options.env, options.versionTimeoutMs, options.user);
  }

  /** The folder into which agents are installed. */
  get installDir(): string {
    return this.#options.installDir;
  }

  /**
   * The executable that is used. Without a version a system-wide folder comes before the install
   * dir, which an agent can write to; a requested version is searched in the install dir first.
   * PATH comes last.
   */
  async find(
    agentId: string,
    recipe: InstallRecipe,
    version?: string,
  ): Promise<Installed | undefined> {
    const { installDir, systemDirs = [] } = this.#options;
    const others = systemDirs.filter((folder) => folder !== installDir);
    for (const folder of version === undefined
      ? [...others, installDir]
      : [installDir, ...others]) {
      const found = await this.#findInFolder(this.#folder(agentId, folder), recipe, version);
      if (!found) continue;
      if (folder === installDir) return { ...found, source: "install-dir" };
      if (await isProtected(found.path, folder)) return { ...found, source: "system" };
      this.#warnOnce(
        `${found.path} is not used: a user besides root and this one can write to it or its folders`,
      );
    }
    return await this.#findOnPath(recipe, version);
  }

  /** What lies in the place of an executable, but may not be run. */
  async findUnusable(agentId: string, recipe: InstallRecipe): Promise<string | undefined> {
    const { installDir, systemDirs = [], env } = this.#options;
    const target = this.#platform && recipe.platformPackage(this.#platform);
    const places = [installDir, ...systemDirs].map(async (dir) => {
      const folder = this.#folder(agentId, dir);
      const versions = target ? await folder.readVersions() : [];
      return versions.map((version) => join(folder.versionPath(version), target?.executable ?? ""));
    });
    const installed = (await Promise.all(places)).flat();
    for (const path of [...installed, ...pathsOf(recipe.command, process.platform, env)]) {
      if ((await isFile(path)) && !(await isExecutable(path))) return path;
    }
    return undefined;
  }

  /** Installs unless it is there; what is asked for by version becomes the version that is used. */
  async install(
    agentId: string,
    recipe: InstallRecipe,
    options: InstallOptions = {},
  ): Promise<Installed> {
    const found = await this.#obtain({ ...options, agentId, recipe, makeCurrent: true });
    const { version } = found;
    if (options.version !== undefined && found.source === "install-dir" && version !== undefined) {
      const folder = this.#folder(agentId);
      if ((await folder.readCurrent()) !== version) await folder.switchTo(version);
    }
    return found;
  }

  /**
   * The executable for a session, installed now if it is missing. A version that is asked for is
   * installed beside the present one, which stays the one for sessions that do not ask.
   */
  async ensure(
    agentId: string,
    recipe: InstallRecipe,
    version?: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Installed> {
    const found = await this.#obtain({
      agentId,
      recipe,
      makeCurrent: version === undefined,
      ...(version !== undefined && { version }),
      ...(signal && { signal }),
    });
    if (found.version !== undefined) this.#versionsInUse(agentId).add(found.version);
    return found;
  }

  /** How far the running install of an agent is; undefined while there is none. */
  progress(agentId: string): InstallProgress | undefined {
    return this.#progress.get(agentId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const reason = new Error("the daemon is stopping");
    const tasks = [...this.#running.values()].map(({ task }) => task.cancel(reason));
    await Promise.all([...tasks, this.#probe[Symbol.asyncDispose]()]);
  }

  async #obtain(request: Request): Promise<Installed> {
    const { agentId, recipe, version, reinstall, signal } = request;
    const key = JSON.stringify([version, reinstall === true, request.makeCurrent]);
    for (;;) {
      const found = reinstall ? undefined : await this.find(agentId, recipe, version);
      if (found) return found;
      signal?.throwIfAborted();
      const running = this.#running.get(agentId);
      if (!running) return await this.#start(key, request).join(signal);
      if (running.key === key && !running.task.isGivenUp) return await running.task.join(signal);
      await running.task.settled(signal);
    }
  }

  #start(key: string, request: Request): SharedTask<Installed> {
    const { agentId } = request;
    if (this.#isDisposed) throw installFailed(agentId, "the daemon is stopping");
    if (this.#options.offline) throw offlineProblem(request);
    const task = new SharedTask((signal) => this.#run(request, signal));
    this.#running.set(agentId, { key, task });
    return task;
  }

  async #run(request: Request, signal: AbortSignal): Promise<Installed> {
    const { agentId, recipe, version, reinstall = false, makeCurrent } = request;
    const { env, stallTimeoutMs = STALL_TIMEOUT_MS, onInstalled } = this.#options;
    const start = performance.now();
    let outcome: InstallObservation["outcome"] = "failed";
    try {
      if (!this.#platform) throw new Error(`no agent has a build for ${process.platform}`);
      // Loaded when it is needed: it knows registries, archives and TLS, which a start can do without.
      const { installRelease } = await import("./install-release.ts");
      const { log = SILENT, onSecrets = () => {} } = this.#options;
      const installed = await installRelease({
        agentId,
        folder: this.#folder(agentId),
        recipe,
        platform: this.#platform,
        env,
        wanted: version,
        reinstall,
        makeCurrent,
        keep: this.#versionsInUse(agentId),
        stallTimeoutMs,
        onProgress: (progress) => this.#progress.set(agentId, progress),
        log,
        onSecrets,
        signal,
      });
      outcome = "installed";
      return { ...installed, source: "install-dir" };
    } catch (error) {
      if (signal.aborted) outcome = "cancelled";
      throw installFailed(
        agentId,
        describeError(signal.aborted ? signal.reason : error, this.installDir),
        error,
      );
    } finally {
      const seconds = (performance.now() - start) / 1000;
      onInstalled?.({ agent: agentId, outcome, seconds });
      this.#progress.delete(agentId);
      this.#running.delete(agentId);
    }
  }

  #warnOnce(line: string): void {
    if (this.#warnings.has(line)) return;
    this.#warnings.add(line);
    this.#options.log?.warn(line);
  }

  #folder(agentId: string, installDir: string = this.#options.installDir): AgentFolder {
    return new AgentFolder(installDir, agentId, process.platform);
  }

  #versionsInUse(agentId: string): Set<string> {
    const versions = this.#handedOut.get(agentId) ?? new Set();
    this.#handedOut.set(agentId, versions);
    return versions;
  }

  async #findInFolder(folder: AgentFolder, recipe: InstallRecipe, wanted: string | undefined) {
    const target = this.#platform && recipe.platformPackage(this.#platform);
    if (!target) return undefined;
    const versions = await folder.readVersions();
    const current = await folder.readCurrent();
    const preferred = current === undefined ? versions : [current, ...versions];
    for (const version of preferred.filter((version) => isWanted(version, wanted))) {
      const path = await folder.findExecutable(version, target.executable);
      if (path !== undefined) return { path, version };
    }
    return undefined;
  }

  async #findOnPath(recipe: InstallRecipe, wanted: string | undefined) {
    const path = await findOnPath(recipe.command, process.platform, this.#options.env);
    if (path === undefined) return undefined;
    const patience = wanted === undefined ? this.#options.versionPatienceMs : undefined;
    const version = await this.#probe.read(path, recipe.versionArguments, patience);
    if (wanted !== undefined && (version === undefined || !isWanted(version, wanted))) {
      return undefined;
    }
    return { path, source: "path" as const, ...(version !== undefined && { version }) };
  }
}

/** Whether a version answers what was asked for. What a dist-tag means only the registry knows. */
function isWanted(version: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const exact = semver.valid(wanted);
  return exact ? version === exact : semver.satisfies(version, wanted, { includePrerelease: true });
}

function installFailed(agent: string, reason: string, cause?: unknown): ProblemError {
  const extensions = { agent, details: { stderr: reason } };
  const detail = `install failed: ${agent}: ${reason}`;
  return new ProblemError("install_failed", detail, extensions, { cause });
}

function offlineProblem({ agentId, version, recipe }: Request): ProblemError {
  const what = version === undefined ? agentId : `${agentId} ${version}`;
  const cure = `downloads are forbidden (--offline, SANDBOX_AGENT_OFFLINE): install it before, or put \`${recipe.command}\` on PATH`;
  return new ProblemError("agent_not_installed", `agent not installed: ${what}; ${cure}`, {
    agent: agentId,
  });
}
