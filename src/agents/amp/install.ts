import type { InstallRecipe } from "../recipe.ts";

/** Where the Amp executable comes from (as of 0.0.1790712063). For musl and Windows on ARM there is none. */
export const ampRecipe: InstallRecipe = {
  metaPackage: "@ampcode/cli",
  platformPackage({ os, cpu, libc }) {
    if (libc === "musl" || (os === "win32" && cpu === "arm64")) return undefined;
    const executable = os === "win32" ? "amp.exe" : "amp";
    return { name: `@ampcode/cli-${os}-${cpu}`, files: [executable], executable };
  },
  command: "amp",
  versionArguments: ["--version"],
};
