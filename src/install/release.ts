import semver from "semver";
import type { InstallRecipe, Platform, PlatformPackage } from "../agents/recipe.ts";
import { Manifest, type Packument, type Registry } from "./registry.ts";

/** How a vendor names platforms that it publishes as versions of the meta package: no version of an agent. */
const PLATFORM_BUILD = /-(linux|darwin|win32)-(x64|arm64)$/;

/** One version of an agent for one platform, and where its tarball is. */
export interface Release {
  version: string;
  package: PlatformPackage;
  tarball: string;
  /** Subresource integrity; holds a sha512. */
  integrity: string;
}

export interface ReleaseQuery {
  recipe: InstallRecipe;
  platform: Platform;
  /** An exact version, a range or a dist-tag; undefined means `latest`. */
  wanted: string | undefined;
  signal: AbortSignal;
}

/** Asks the registry which tarball to download. */
export async function resolveRelease(registry: Registry, query: ReleaseQuery): Promise<Release> {
  const { recipe, platform, wanted = "latest", signal } = query;
  const target = recipe.platformPackage(platform);
  if (!target) {
    throw new Error(`${recipe.metaPackage} has no build for ${describePlatform(platform)}`);
  }
  const meta = await registry.readPackument(recipe.metaPackage, signal);
  const packument =
    target.name === recipe.metaPackage ? meta : await registry.readPackument(target.name, signal);

  const version = pickVersion(recipe.metaPackage, meta, wanted);
  const exact = platformVersion(readManifest(recipe.metaPackage, meta, version), target, version);
  if (Object.hasOwn(packument.versions, exact)) {
    return { version, package: target, ...readTarball(target.name, packument, exact) };
  }
  // A mirror may hold the meta package in a newer version than the platform packages (seen with
  // @ampcode/cli). Who asked for just this version, or a range, is not given one outside of it.
  const range = Object.hasOwn(meta["dist-tags"], wanted) ? "*" : wanted;
  const older = newestUpTo(version, platformVersions(packument, target), range);
  if (older === undefined) {
    throw new Error(`the registry has no version ${exact} of ${target.name}`);
  }
  const found = older + (target.versionSuffix ?? "");
  return { version: older, package: target, ...readTarball(target.name, packument, found) };
}

function pickVersion(name: string, { versions, "dist-tags": tags }: Packument, wanted: string) {
  const tagged = Object.hasOwn(tags, wanted) ? tags[wanted] : undefined;
  const exact = tagged ?? semver.valid(wanted) ?? undefined;
  const picked = exact ?? (semver.validRange(wanted) ? inRange(versions, tags, wanted) : undefined);
  if (picked === undefined || !semver.valid(picked) || !Object.hasOwn(versions, picked)) {
    throw new Error(`the registry has no version ${wanted} of ${name}`);
  }
  return picked;
}

/** As npm does: `latest` where it satisfies the range, else the newest that does. */
function inRange(versions: Packument["versions"], tags: Packument["dist-tags"], range: string) {
  const all = Object.keys(versions).filter((version) => !PLATFORM_BUILD.test(version));
  if (tags["latest"] && isInRange(tags["latest"], range)) return tags["latest"];
  // All versions of Amp are prereleases, so they count where nothing else satisfies the range.
  return (
    semver.maxSatisfying(all, range) ??
    semver.maxSatisfying(all, range, { includePrerelease: true }) ??
    undefined
  );
}

function platformVersion(meta: Manifest, target: PlatformPackage, version: string): string {
  if (target.versionSuffix !== undefined) return version + target.versionSuffix;
  return meta.optionalDependencies?.[target.name] ?? version;
}

/** The agent's versions that a platform package has. */
function platformVersions({ versions }: Packument, { versionSuffix = "" }: PlatformPackage) {
  return Object.keys(versions)
    .filter((version) => version.endsWith(versionSuffix))
    .map((version) => version.slice(0, version.length - versionSuffix.length))
    .filter((version) => semver.valid(version));
}

/** All versions of Amp are prereleases; for a version that is none only such versions will do. */
function newestUpTo(version: string, candidates: readonly string[], range: string) {
  const isPrerelease = (candidate: string) => semver.prerelease(candidate) !== null;
  return candidates
    .filter((candidate) => isPrerelease(version) || !isPrerelease(candidate))
    .filter((candidate) => semver.lte(candidate, version) && isInRange(candidate, range))
    .sort(semver.compare)
    .at(-1);
}

function isInRange(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}

function readManifest(name: string, packument: Packument, version: string): Manifest {
  const manifest = Manifest.safeParse(packument.versions[version]);
  if (!manifest.success) throw new Error(`the metadata of ${name}@${version} is not as expected`);
  return manifest.data;
}

function readTarball(name: string, packument: Packument, version: string) {
  const { tarball, integrity } = readManifest(name, packument, version).dist;
  if (integrity === undefined || !/(^|\s)sha512-/.test(integrity)) {
    throw new Error(`the registry gives no sha512 of ${name}@${version}`);
  }
  return { tarball, integrity };
}

function describePlatform({ os, cpu, libc }: Platform): string {
  return [os, cpu, libc].filter((part) => part !== null).join(" ");
}
