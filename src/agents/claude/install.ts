import type { InstallRecipe } from "../recipe.ts";

/** Where the Claude Code executable comes from. It is one self-contained file and needs no Node. */
export const claudeRecipe: InstallRecipe = {
  metaPackage: "@anthropic-ai/claude-code",
  platformPackage({ os, cpu, libc }) {
    const executable = os === "win32" ? "claude.exe" : "claude";
    return {
      name: `@anthropic-ai/claude-code-${os}-${cpu}${libc === "musl" ? "-musl" : ""}`,
      files: [executable],
      executable,
    };
  },
  command: "claude",
  versionArguments: ["--version"],
};
