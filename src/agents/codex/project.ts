import { join } from "node:path";
import { z } from "zod";
import type { OpenOptions } from "../agent.ts";
import {
  foldersAbove,
  foldersByEveryPath,
  InstructionReader,
  instructionText,
} from "../instructions.ts";
import { type Rpc, understood } from "./rpc.ts";

/** Codex reads at most one of these in each folder. */
const NAMES = ["AGENTS.override.md", "AGENTS.md"];

/** The part of the user's configuration that a thread's own settings must not replace. */
const ConfigAnswer = z.looseObject({
  config: z.looseObject({
    developer_instructions: z.string().nullish().catch(undefined),
    project_doc_fallback_filenames: z.array(z.string()).nullish().catch(undefined),
    projects: z
      .record(z.string(), z.looseObject({ trust_level: z.string().nullish() }))
      .nullish()
      .catch(undefined),
  }),
});

/** The parameters of a thread that decide what counts of the session's directory. */
export interface ProjectParams {
  config: { projects: Record<string, { trust_level: "trusted" | "untrusted" }> };
  developerInstructions?: string;
}

/**
 * Trusts the directory and the folders above it, or distrusts them. Codex writes `trusted` into the
 * user's configuration for a folder without an entry, so every thread gets one. It does not read
 * the instruction files of a distrusted folder, so the thread gets them as developer instructions.
 * Observed in Codex 0.169.0.
 */
export async function projectParams(
  rpc: Rpc,
  { directory, repositorySettings }: Pick<OpenOptions, "directory" | "repositorySettings">,
): Promise<ProjectParams> {
  const answer = await rpc.request("config/read", { includeLayers: false });
  const { config } = understood(ConfigAnswer, answer, "config/read");
  const folders = await foldersByEveryPath(directory, false);
  if (repositorySettings === "use") {
    const isRefused = folders.some((at) => config.projects?.[at]?.trust_level === "untrusted");
    return { config: { projects: isRefused ? {} : trust(folders, "trusted") } };
  }
  const names = [...NAMES, ...(config.project_doc_fallback_filenames ?? [])];
  const texts = [config.developer_instructions, await instructionsOf(directory, names)];
  const developerInstructions = texts.filter((text) => text != null && text !== "").join("\n\n");
  return {
    config: { projects: trust(folders, "untrusted") },
    ...(developerInstructions !== "" && { developerInstructions }),
  };
}

function trust(
  folders: readonly string[],
  trust_level: "trusted" | "untrusted",
): ProjectParams["config"]["projects"] {
  return Object.fromEntries(folders.map((folder) => [folder, { trust_level }]));
}

async function instructionsOf(
  directory: string,
  names: readonly string[],
): Promise<string | undefined> {
  const reader = await InstructionReader.open(directory);
  const found = [];
  for (const folder of await foldersAbove(directory, true)) {
    for (const name of names) {
      const files = await reader.read(join(folder, name), { imports: false });
      found.push(...files);
      if (files.length > 0) break;
    }
  }
  return instructionText(found);
}
