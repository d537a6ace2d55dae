import { SandboxAgentError } from "../../sdk/error.ts";

/** What is wrong, for a person, and what helps. */
export interface Trouble {
  title: string;
  detail: string;
  /** A command line or an option that cures it. */
  cure?: string;
}

/** Whom was asked, and from where. */
export interface Asked {
  url: string;
  /** The page's own. */
  origin: string;
  hasToken: boolean;
}

/** What is wrong with a daemon that refuses or cannot be reached. */
export function connectionTrouble(error: unknown, asked: Asked): Trouble {
  if (error instanceof SandboxAgentError) return refusal(error, asked);
  if (error instanceof SyntaxError) return notADaemon(asked.url);
  return unreachable(asked);
}

/** Whether asking again may go well by itself. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof SandboxAgentError) || error.status >= 500;
}

function refusal(error: SandboxAgentError, { url, hasToken }: Asked): Trouble {
  if (error.status === 401) {
    return hasToken
      ? {
          title: "The token is not the right one",
          detail: `${url} does not take it.`,
          cure: "The server was started with it: --token-file, --token or SANDBOX_AGENT_TOKEN.",
        }
      : {
          title: "A token is needed",
          detail: `${url} was started with one.`,
          cure: "The server was started with it: --token-file, --token or SANDBOX_AGENT_TOKEN.",
        };
  }
  if (!error.problem && error.status < 500) return notADaemon(url);
  return problemTrouble(error);
}

/** What a request was refused with. */
export function problemTrouble(error: unknown): Trouble {
  if (!(error instanceof SandboxAgentError)) {
    return {
      title: "The daemon does not answer",
      detail: error instanceof Error ? error.message : String(error),
    };
  }
  const { problem, message, status } = error;
  if (!problem)
    return { title: message, detail: `The answer was ${status}, without an explanation.` };
  return { title: problem.title, detail: [problem.detail, ...moreOf(problem.details)].join("\n") };
}

/** Which members are wrong, or what a program has said. */
function moreOf(details: Record<string, unknown> | undefined): string[] {
  const { issues, stderr } = details ?? {};
  const said = typeof stderr === "string" && stderr !== "" ? [stderr] : [];
  const wrong = Array.isArray(issues) ? issues.map((issue: unknown) => JSON.stringify(issue)) : [];
  return [...said, ...wrong];
}

function notADaemon(url: string): Trouble {
  return {
    title: "This is no sandbox-agent",
    detail: `Something answers at ${url}, but not as the daemon does. Is the address right?`,
  };
}

function unreachable({ url, origin }: Asked): Trouble {
  const title = "The daemon does not answer";
  const target = URL.parse(url);
  if (target?.origin === origin) return { title, detail: `Nobody answers at ${url}.` };
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(target?.hostname ?? "");
  if (origin.startsWith("https:") && target?.protocol === "http:" && !isLoopback) {
    return {
      title,
      detail: `This page came over https, and from such a page browsers ask nothing over http: ${url} must be https too.`,
    };
  }
  return {
    title,
    detail: `Nobody answers at ${url}, or the daemon there does not let pages of ${origin} ask it. Browsers do not say which of the two.`,
    cure: `sandbox-agent server --cors-allow-origin ${origin}`,
  };
}
