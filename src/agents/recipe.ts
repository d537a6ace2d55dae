/** What the daemon runs on, as far as the choice of an agent's package depends on it. */
export interface Platform {
  os: "linux" | "darwin" | "win32";
  cpu: "x64" | "arm64";
  /** Null where the question does not arise (macOS, Windows). */
  libc: "glibc" | "musl" | null;
  /** False on an x64 CPU without AVX2, and where that cannot be found out. */
  avx2: boolean;
}

/** One platform package of an agent on the npm registry. */
export interface PlatformPackage {
  /** Package name, scope included. */
  name: string;
  /**
   * For a vendor that publishes all platforms under one name: what follows the agent's version in
   * the version of this package. Without it the meta package's `optionalDependencies` decide.
   */
  versionSuffix?: string;
  /** Paths inside the tarball to unpack, without the leading `package/`; a `/` at the end means a folder. */
  files: readonly string[];
  /** Folders among `files` that are not needed, with a `/` at the end. */
  without?: readonly string[];
  /** The executable among `files`. */
  executable: string;
}

/** Where an agent's executable comes from: data, read by `install/`. */
export interface InstallRecipe {
  /** The package whose dist-tags and versions are the agent's versions. */
  metaPackage: string;
  /** The platform package for a platform; undefined where the vendor has none. */
  platformPackage(platform: Platform): PlatformPackage | undefined;
  /** Name of the executable when it is looked up on PATH. */
  command: string;
  /** Arguments that print the version. */
  versionArguments: readonly string[];
}
