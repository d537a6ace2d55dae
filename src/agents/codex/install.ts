import type { InstallRecipe, Platform } from "../recipe.ts";

/** On Linux the executable is static: one build for every libc. */
const TRIPLES: Record<Platform["os"], string> = {
  linux: "unknown-linux-musl",
  darwin: "apple-darwin",
  win32: "pc-windows-msvc",
};

/**
 * Where the Codex executable comes from (layout as of 0.171.0). It looks for its code-mode host, its
 * sandbox and its search tool beside itself, and without them works only in part, so the folder
 * stays as it is; the voice host is not of use here, and large.
 */
export const codexRecipe: InstallRecipe = {
  metaPackage: "@openai/codex",
  platformPackage({ os, cpu }) {
    const folder = `vendor/${cpu === "arm64" ? "aarch64" : "x86_64"}-${TRIPLES[os]}/`;
    return {
      name: "@openai/codex",
      versionSuffix: `-${os}-${cpu}`,
      files: [folder],
      without: [`${folder}codex-resources/voice/`],
      executable: `${folder}bin/codex${os === "win32" ? ".exe" : ""}`,
    };
  },
  command: "codex",
  versionArguments: ["--version"],
};
