import { z } from "zod";
import type { AgentModeInfo } from "../../schema/agent.ts";
import { ProblemError } from "../../schema/problem.ts";
import type { OpencodeHttp } from "./http.ts";
import { CUSTOM, opencodeModes } from "./modes.ts";

const Agents = z.array(
  z.looseObject({
    name: z.string(),
    mode: z.string(),
    hidden: z.boolean().nullish(),
    description: z.string().nullish(),
  }),
);

/** The agents of a directory that can have a conversation, as modes. */
export async function askModes(http: OpencodeHttp, directory: string): Promise<AgentModeInfo[]> {
  const agents = Agents.parse(await http.request("GET", "/agent", { directory }));
  const modes = agents
    .filter(({ mode, hidden }) => mode !== "subagent" && hidden !== true)
    .map(({ name, description }) => {
      const known = opencodeModes.find(({ id }) => id === name);
      return known ?? { id: name, name, description: description ?? "" };
    });
  return [...modes.filter(({ id }) => id !== CUSTOM.id), CUSTOM];
}

/** Throws a problem where the directory has no such agent. */
export async function requireMode(
  http: OpencodeHttp,
  directory: string,
  mode: string,
): Promise<void> {
  const agents = Agents.parse(await http.request("GET", "/agent", { directory }));
  const names = agents.flatMap(({ name, mode: kind }) => (kind === "subagent" ? [] : [name]));
  if (names.includes(mode)) return;
  throw new ProblemError("mode_not_supported", `mode not supported: opencode ${mode}`, {
    agent: "opencode",
    details: { mode, modes: names },
  });
}
