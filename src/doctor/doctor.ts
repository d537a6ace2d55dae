import type { Agent, OpenOptions } from "../agents/agent.ts";
import type { Health } from "../agents/health.ts";
import type { InstallRecipe } from "../agents/recipe.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { Environment } from "../install/environment.ts";
import type { Installed, Installer } from "../install/installer.ts";
import { detectPlatform } from "../install/platform.ts";
import type { DoctorCheck, DoctorReport } from "../schema/doctor.ts";
import { checkCredentials } from "./credentials-check.ts";
import { checkHelpers } from "./helpers-check.ts";
import { checkEndpoints, checkKeys, keysNotChecked } from "./network-checks.ts";
import { checkPlatform } from "./platform-check.ts";
import { checkRun } from "./run-check.ts";
import { checkVersion } from "./version-check.ts";

/** How long an executable may take to tell its version, and a server to answer. */
const LIMIT_MS = 10_000;
const INSTALLED = { id: "installed", title: "Installed" };

/** What agents are examined with. */
export interface DoctorOptions {
  installer: Pick<Installer, "find" | "findUnusable" | "installDir">;
  credentials: Credentials;
  env: Environment;
  directory: string;
  startChild: OpenOptions["startChild"];
  /** The group of the user that agents run as; undefined when that is this process's own user. */
  childGroup?: number | undefined;
  limitMs?: number;
}

/** What is asked of an examination. */
export interface ExamineOptions {
  /** Whether the servers are asked if they take the keys. */
  checkKey: boolean;
  /** An agent that is not installed does no harm. */
  mayBeMissing?: boolean;
}

/** What has been found, and with it the version. */
interface Examined {
  checks: DoctorCheck[];
  version?: string;
}

/** Examines an agent: nothing is changed by it, and no key is told. */
export async function examine(
  agent: Agent,
  options: DoctorOptions & ExamineOptions,
): Promise<DoctorReport> {
  const { recipe, health } = agent;
  if (!recipe || !health) {
    return report(agent, [{ ...INSTALLED, status: "ok", detail: "it is a part of this program" }]);
  }
  const found = await options.installer.find(agent.id, recipe);
  if (!found && options.mayBeMissing === true) {
    return report(agent, [{ ...(await notFound(agent, recipe, options)), status: "warning" }]);
  }
  const [executable, others]: [Examined, DoctorCheck[]] = await Promise.all([
    found
      ? examineExecutable(agent, found, { ...options, recipe, health })
      : { checks: [await notFound(agent, recipe, options)] },
    examineAccess(agent, { ...options, health }),
  ]);
  return report(agent, [...executable.checks, ...others], executable.version);
}

async function notFound(
  { id }: Agent,
  recipe: InstallRecipe,
  { installer }: DoctorOptions,
): Promise<DoctorCheck> {
  const unusable = await installer.findUnusable(id, recipe);
  if (unusable !== undefined) {
    const detail = `${unusable} is there, but may not be run`;
    return { ...INSTALLED, status: "failed", detail, cure: `chmod +x '${unusable}'` };
  }
  const cure = `sandbox-agent install-agent ${id}`;
  return { ...INSTALLED, status: "failed", detail: "it is not installed", cure };
}

/** What can be told from the executable. */
async function examineExecutable(
  agent: Agent,
  found: Installed,
  options: DoctorOptions & { recipe: InstallRecipe; health: Health },
): Promise<Examined> {
  const { recipe, health, credentials, limitMs = LIMIT_MS } = options;
  const { directory, startChild, childGroup } = options;
  const { installDir } = options.installer;
  const { path } = found;
  const given = await credentials.environment(agent);
  const env = (await health.environment?.(given, { installDir, childGroup })) ?? given;
  const cure =
    found.source === "path"
      ? `sandbox-agent install-agent ${agent.id} --reinstall, which counts before ${path}`
      : `sandbox-agent install-agent ${agent.id} --reinstall`;
  const [platform, run, helpers] = await Promise.all([
    checkPlatform(path, detectPlatform(), cure),
    checkRun({
      file: path,
      args: recipe.versionArguments,
      env,
      directory,
      startChild,
      limitMs,
      cure,
    }),
    checkHelpers(path, health, { env, cure }),
  ]);
  const runs = run.check.status === "ok";
  const more = runs
    ? await health.examine?.({
        executable: path,
        env,
        directory,
        startChild,
        childGroup,
        installDir,
      })
    : undefined;
  const version = run.version ?? found.version;
  // What runs all the same is emulated.
  const emulated = runs && platform.status === "failed" && { status: "warning" as const };
  return {
    checks: [
      { ...INSTALLED, status: "ok", detail: path },
      { ...platform, ...emulated },
      run.check,
      checkVersion(version, health.proven, agent.id),
      helpers,
      ...(more ?? []),
    ],
    ...(version !== undefined && { version }),
  };
}

/** What can be told of keys and servers. */
async function examineAccess(
  agent: Agent,
  options: DoctorOptions & ExamineOptions & { health: Health },
): Promise<DoctorCheck[]> {
  const { credentials, env, health, checkKey, limitMs = LIMIT_MS } = options;
  const [keys, { settings }] = await Promise.all([
    credentials.ofAgent(agent),
    credentials.choice(agent),
  ]);
  const endpoints = health.endpoints({ env, keys, settings });
  const network = { env, limitMs };
  return await Promise.all([
    checkCredentials(agent, credentials),
    checkEndpoints(endpoints, network),
    checkKey ? checkKeys(endpoints, keys, { ...network, login: health.login }) : keysNotChecked,
  ]);
}

function report({ id }: Agent, checks: DoctorCheck[], version?: string): DoctorReport {
  const has = (status: DoctorCheck["status"]) => checks.some((check) => check.status === status);
  const status = has("failed") ? "failed" : has("warning") ? "warning" : "ok";
  return { agent: id, status, ...(version !== undefined && { version }), checks };
}
