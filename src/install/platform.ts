import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Platform } from "../agents/recipe.ts";

/** Where the facts about the machine come from; a test passes others. */
export interface Machine {
  os: string;
  cpu: string;
  cpuModel: string;
  /** The root of the file system. */
  root: string;
}

/** What this daemon runs on; undefined where no agent has a build. */
export function detectPlatform(machine: Machine = thisMachine()): Platform | undefined {
  const { os, root } = machine;
  // An x64 process on Apple silicon (Rosetta) has no AVX, which the x64 builds want.
  const cpu = os === "darwin" && machine.cpuModel.includes("Apple") ? "arm64" : machine.cpu;
  if (cpu !== "x64" && cpu !== "arm64") return undefined;
  if (os === "linux") {
    return { os, cpu, libc: detectLibc(root), avx2: cpu === "x64" && hasAvx2(root) };
  }
  if (os === "darwin" || os === "win32") return { os, cpu, libc: null, avx2: false };
  return undefined;
}

function thisMachine(): Machine {
  return {
    os: process.platform,
    cpu: process.arch,
    cpuModel: cpus()[0]?.model ?? "",
    root: "/",
  };
}

/**
 * The loader that the system's own shell names; a glibc system may have musl installed besides and
 * the other way round. Without a dynamic shell, whichever loader is there.
 */
function detectLibc(root: string): "glibc" | "musl" {
  const shell = readHead(join(root, "bin/sh"));
  if (shell.includes("ld-musl-")) return "musl";
  if (shell.includes("ld-linux-")) return "glibc";
  const hasMusl = ["x86_64", "aarch64"].some((cpu) =>
    existsSync(join(root, `lib/ld-musl-${cpu}.so.1`)),
  );
  const hasGlibc = ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"].some((path) =>
    existsSync(join(root, path)),
  );
  return hasMusl && !hasGlibc ? "musl" : "glibc";
}

function hasAvx2(root: string): boolean {
  return /^flags\s*:.*\bavx2\b/m.test(readHead(join(root, "proc/cpuinfo")));
}

/** Text of a file as far as it matters here; empty where it cannot be read. */
function readHead(path: string): string {
  try {
    return readFileSync(path, "latin1").slice(0, 64 * 1024);
  } catch {
    return "";
  }
}
