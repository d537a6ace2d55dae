import { realpath } from "node:fs/promises";
import { basename } from "node:path";
import type { Health } from "../agents/health.ts";
import { findOnPath, isExecutable } from "../install/find-executable.ts";
import type { DoctorCheck } from "../schema/doctor.ts";
import { readFormat } from "./executable-format.ts";

const CHECK = { id: "helpers", title: "Helper programs" };

/** Whether the programs are there that an executable needs beside itself. */
export async function checkHelpers(
  executable: string,
  health: Health,
  { env, cure }: { env: Record<string, string>; cure: string },
): Promise<DoctorCheck> {
  const setpriv = await setprivNote(env);
  if (!health.helpers) return { ...CHECK, status: "ok", detail: `it needs none; ${setpriv}` };
  const format = await readFormat(executable).catch(() => undefined);
  if (format?.kind === "script") {
    return { ...CHECK, status: "skipped", detail: "it is a script, which knows where they are" };
  }
  const all = health.helpers(await realpath(executable), process.platform);
  const there = await Promise.all(all.map(({ path }) => isExecutable(path)));
  const missing = all.filter((_, index) => there[index] === false);
  if (missing.length === 0) {
    const names = all.map(({ path }) => basename(path)).join(", ");
    return { ...CHECK, status: "ok", detail: `${names}; ${setpriv}` };
  }
  const detail = missing
    .map(({ path, without }) => `${basename(path)} is missing (${path}): without it ${without}`)
    .join("; ");
  const isVital = missing.some(({ vital }) => vital);
  return { ...CHECK, status: isVital ? "failed" : "warning", detail, cure };
}

/** Who sees to it that an agent dies with the daemon. */
async function setprivNote(env: Record<string, string>): Promise<string> {
  if (process.platform !== "linux") return "a guardian ends it with the daemon";
  const found = await findOnPath("setpriv", process.platform, env);
  return found === undefined
    ? "there is no setpriv, so a guardian ends it with the daemon"
    : "setpriv ends it with the daemon";
}
