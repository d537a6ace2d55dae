import type { CreateSessionRequest } from "../../schema/session.ts";

/** What a person has filled in; an empty text is the default. */
export interface Draft {
  agent: string;
  sessionId: string;
  title: string;
  model: string;
  variant: string;
  agentMode: string;
  permissionMode: string;
  repositorySettings: "" | "use" | "ignore";
  directory: string;
  agentVersion: string;
  /** A line per variable: `NAME=value`. */
  env: string;
  /** Seconds, as typed. */
  timeout: string;
  onTimeout: "reject" | "interrupt";
}

/** The fields of which one can be wrong. */
export type DraftIssues = Partial<Record<keyof Draft, string>>;

export const emptyDraft: Draft = {
  agent: "",
  sessionId: "",
  title: "",
  model: "",
  variant: "",
  agentMode: "",
  permissionMode: "",
  repositorySettings: "",
  directory: "",
  agentVersion: "",
  env: "",
  timeout: "",
  onTimeout: "reject",
};

const LONGEST_TIMEOUT_S = 86_400;

/** What is wrong with a draft; the daemon judges the rest. */
export function issuesOf(draft: Draft): DraftIssues {
  const { sessionId, directory, env, timeout } = draft;
  const seconds = Number(timeout);
  const badLine = linesOf(env).find((line) => !/^[A-Za-z_]\w*=/.test(line));
  return {
    ...(sessionId.includes("/") && { sessionId: "An id holds no /." }),
    ...(sessionId.length > 256 && { sessionId: "An id has at most 256 characters." }),
    ...(directory.trim() !== "" &&
      !directory.trim().startsWith("/") && { directory: "The path is to begin with /." }),
    ...(badLine !== undefined && { env: `This is no NAME=value: ${badLine}` }),
    ...(timeout.trim() !== "" &&
      !(seconds > 0 && seconds <= LONGEST_TIMEOUT_S) && {
        timeout: `Between 1 and ${LONGEST_TIMEOUT_S} seconds, or nothing.`,
      }),
  };
}

/** The body of the request that a draft stands for: what is left open is left out. */
export function requestOf(draft: Draft): CreateSessionRequest {
  const { agent, env, timeout, onTimeout } = draft;
  const names = ["title", "model", "variant", "agentMode", "permissionMode"] as const;
  const others = ["repositorySettings", "directory", "agentVersion"] as const;
  const given = [...names, ...others].flatMap((name) => {
    const value = draft[name].trim();
    return value === "" ? [] : [[name, value] as const];
  });
  const variables = linesOf(env).map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return {
    agent,
    ...Object.fromEntries(given),
    ...(variables.length > 0 && { env: Object.fromEntries(variables) }),
    ...(timeout.trim() !== "" && {
      interaction: { timeoutMs: Math.round(Number(timeout) * 1000), onTimeout },
    }),
  };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trimStart())
    .filter((line) => line !== "");
}
