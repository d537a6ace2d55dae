import { homedir } from "node:os";
import { resolve } from "node:path";
import { defaultInstallDir, defaultSystemDirs } from "../install/find-executable.ts";
import { Installer, type InstallerOptions } from "../install/installer.ts";

/** The options that every command with an installer has. */
export interface InstallOptions {
  installDir?: string | undefined;
  offline?: boolean | string | undefined;
}

/** The installer that these options and the environment mean. */
export function createInstaller(
  { installDir, offline }: InstallOptions,
  env: Record<string, string | undefined>,
  more: Pick<
    InstallerOptions,
    "versionPatienceMs" | "onInstalled" | "user" | "log" | "onSecrets"
  > = {},
): Installer {
  const os =
    process.platform === "darwin" || process.platform === "win32" ? process.platform : "linux";
  const home = env["HOME"] ?? homedir();
  const systemDirs = defaultSystemDirs(os, env);
  // Another user cannot enter root's home, where the default folder lies.
  const [shared] = more.user ? systemDirs : [];
  return new Installer({
    installDir: resolve(installDir ?? shared ?? defaultInstallDir(os, env, home)),
    systemDirs,
    env,
    ...more,
    offline: offline === true || offline === "1" || offline === "true",
  });
}
