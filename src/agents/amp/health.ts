import { parse } from "node:path";
import { createProgram, NoProgramFolder } from "../../io/program-file.ts";
import { within } from "../../io/within.ts";
import { baseUrl, type Finding, type Health } from "../health.ts";
import { AMP_SERVER } from "./credentials.ts";
import { withRuntimeFolder } from "./runtime-folder.ts";

const TRIAL_MS = 10_000;
const CURE =
  "set TMPDIR for the daemon to a folder that is not mounted with noexec, or use permission mode bypass";

/** How it is with Amp, whose agent loop runs on its server; the oldest is the JavaScript CLI. */
export const ampHealth: Health = {
  proven: { oldest: "0.0.1769425000-g1e5104", newest: "0.0.1790142911-g7618fb" },
  login: "set AMP_API_KEY, or run `amp login`",
  endpoints({ env }) {
    const url = baseUrl(env, "AMP_URL", AMP_SERVER);
    return [
      {
        provider: "amp",
        url,
        variable: "AMP_URL",
        // What the CLI itself asks first (0.0.1790142911).
        keyCall: ({ key }) => ({
          url: `${url}/api/internal?getUserInfo`,
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({ method: "getUserInfo", params: {} }),
        }),
      },
    ];
  },
  environment: withRuntimeFolder,
  async examine({ env, startChild, childGroup, installDir }) {
    return [await tryProgram({ env, startChild, childGroup, installDir })];
  },
};

type Trial = Pick<
  Parameters<NonNullable<Health["examine"]>>[0],
  "env" | "startChild" | "childGroup" | "installDir"
>;

/**
 * Executes a program from the folder of the program that asks for permissions. If Amp cannot execute
 * it, every tool call fails without a request.
 */
async function tryProgram({ env, startChild, childGroup, installDir }: Trial): Promise<Finding> {
  const check = { id: "permissions", title: "Its permission program" };
  try {
    await using program = await createProgram("trial", "#!/bin/sh\nexit 0\n", {
      installDir,
      group: childGroup,
    });
    const { path } = program;
    const child = startChild({ file: path, args: [], cwd: parse(path).root, env, stdin: "ignore" });
    try {
      const isDone = await within(child.exited, AbortSignal.timeout(TRIAL_MS));
      const exit = isDone ? await child.exited : undefined;
      if (exit?.code === 0) return { ...check, status: "ok", detail: "it can be executed" };
      const why = exit?.error?.message ?? `${path} did not end with exit code 0`;
      return { ...check, status: "failed", detail: `it cannot be executed: ${why}`, cure: CURE };
    } finally {
      await child.end({ graceMs: 0 });
    }
  } catch (cause) {
    if (!(cause instanceof NoProgramFolder)) throw cause;
    return { ...check, status: "failed", detail: cause.message, cure: CURE };
  }
}
