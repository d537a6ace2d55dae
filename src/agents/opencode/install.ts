import type { InstallRecipe, Platform } from "../recipe.ts";

/** Where the OpenCode executable comes from (as of 1.18.33). The usual x64 builds want AVX2. */
export const opencodeRecipe: InstallRecipe = {
  metaPackage: "opencode-ai",
  platformPackage(platform) {
    const { os, cpu } = platform;
    const executable = `bin/opencode${os === "win32" ? ".exe" : ""}`;
    return {
      name: `opencode-${os === "win32" ? "windows" : os}-${cpu}${variant(platform)}`,
      files: [executable],
      executable,
    };
  },
  command: "opencode",
  versionArguments: ["--version"],
};

function variant({ cpu, libc, avx2 }: Platform): string {
  return (cpu === "x64" && !avx2 ? "-baseline" : "") + (libc === "musl" ? "-musl" : "");
}
