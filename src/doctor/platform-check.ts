import { existsSync } from "node:fs";
import type { Platform } from "../agents/recipe.ts";
import type { DoctorCheck } from "../schema/doctor.ts";
import { type ExecutableFormat, readFormat } from "./executable-format.ts";

const SYSTEMS = { linux: "Linux", darwin: "macOS", win32: "Windows" };
const CHECK = { id: "platform", title: "Architecture and C library" };

/** Whether an executable is one for this machine. */
export async function checkPlatform(
  path: string,
  platform: Platform | undefined,
  reinstall: string,
): Promise<DoctorCheck> {
  try {
    return judge(await readFormat(path), platform, reinstall);
  } catch {
    return { ...CHECK, status: "skipped", detail: "it may be run, but not read" };
  }
}

function judge(
  format: ExecutableFormat,
  platform: Platform | undefined,
  cure: string,
): DoctorCheck {
  if (format.kind === "script") {
    const detail = `it is a script for ${format.interpreter}, and for any processor`;
    return { ...CHECK, status: "ok", detail };
  }
  if (format.kind === "unknown") {
    return { ...CHECK, status: "failed", detail: "it is neither a program nor a script", cure };
  }
  const { os, cpus, loader } = format;
  const kind = `a program for ${SYSTEMS[os]} on ${cpus.join(" or ")}`;
  if (platform && (os !== platform.os || !cpus.includes(platform.cpu))) {
    const here = `${SYSTEMS[platform.os]} on ${platform.cpu}`;
    return { ...CHECK, status: "failed", detail: `it is ${kind}, and this is ${here}`, cure };
  }
  if (loader !== undefined && !existsSync(loader)) {
    const libc = loader.includes("musl") ? "musl" : "glibc";
    const detail = `it is built for ${libc}: it needs ${loader}, which is not here`;
    return { ...CHECK, status: "failed", detail, cure };
  }
  const load = os !== "linux" ? "" : loader === undefined ? ", static" : `, loaded by ${loader}`;
  return { ...CHECK, status: "ok", detail: `it is ${kind}${load}` };
}
