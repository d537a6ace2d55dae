import type { OpenOptions } from "../agents/agent.ts";
import { parseVersion } from "../install/version-probe.ts";
import { reasonWithCure } from "../io/error-line.ts";
import { within } from "../io/within.ts";
import type { DoctorCheck } from "../schema/doctor.ts";

const CHECK = { id: "runs", title: "Runs" };
const MAX_LINES = 100;
const MAX_LINE_BYTES = 4096;

/** How an executable is tried. */
export interface Trial {
  file: string;
  args: readonly string[];
  env: Record<string, string>;
  directory: string;
  startChild: OpenOptions["startChild"];
  limitMs: number;
  /** The cure where it does not run. */
  cure: string;
}

/** Whether an executable tells its version when it is asked for it, and which. */
export async function checkRun(trial: Trial): Promise<{ check: DoctorCheck; version?: string }> {
  const { file, args, env, directory, startChild, limitMs, cure } = trial;
  const lines: string[] = [];
  const child = startChild({
    file,
    args,
    cwd: directory,
    env,
    stdin: "ignore",
    maxLineBytes: MAX_LINE_BYTES,
    onLines: (more) => {
      const texts = more.filter((line) => typeof line === "string");
      lines.push(...texts.slice(0, MAX_LINES - lines.length));
    },
  });
  const failed = (detail: string) => ({
    check: { ...CHECK, status: "failed" as const, detail, cure },
  });
  const asked = args.join(" ");
  try {
    if (!(await within(child.exited, AbortSignal.timeout(limitMs)))) {
      return failed(`it does not answer ${asked} within ${limitMs / 1000} s`);
    }
    const { code, signal, error } = await child.exited;
    if (error) return failed(`it cannot be started: ${error.message}`);
    if (code !== 0) {
      const why = reasonWithCure(child.stderr.toJSON());
      const how = code === null ? `is ended by ${signal}` : `ends with ${code}`;
      return failed(`${asked} ${how}${why === "" ? "" : `: ${why}`}`);
    }
    const said = [...lines, ...child.stderr.lines().head].join("\n");
    const version = parseVersion(said);
    const detail = `it answers ${asked}`;
    return {
      check: { ...CHECK, status: "ok", detail },
      ...(version !== undefined && { version }),
    };
  } finally {
    await child.end({ graceMs: 0 });
  }
}
