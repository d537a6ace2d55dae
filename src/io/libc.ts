/** Functions of the C library that no runtime exposes. */
export interface Libc {
  prctl(option: number, value: number): number;
  /** Reaps one child that has exited; returns its pid, 0 while it runs, or -1. */
  reap(pid: number): number;
}

interface Symbols {
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  waitpid(pid: number, status: null, options: number): number;
}

/** The few members of `bun:ffi` that are used here; Bun's own types replace those of Node. */
interface Ffi {
  dlopen(library: string, functions: object): { symbols: Symbols };
}

const WNOHANG = 1;
const LIBRARIES = ["libc.so.6", `libc.musl-${musl(process.arch)}.so.1`];
const FUNCTIONS = {
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
};

let loading: Promise<Libc | undefined> | undefined;

/** Loads the C library, once. Undefined on Node, which has no such interface, and outside Linux. */
export function loadLibc(): Promise<Libc | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Libc | undefined> {
  if (process.versions["bun"] === undefined || process.platform !== "linux") return undefined;
  // A variable keeps the compiler of the package from resolving a module that only Bun has.
  const name = "bun:ffi";
  const ffi: Ffi = await import(name);
  for (const library of LIBRARIES) {
    try {
      const { symbols } = ffi.dlopen(library, FUNCTIONS);
      return {
        prctl: (option, value) => symbols.prctl(option, value, 0, 0, 0),
        reap: (pid) => symbols.waitpid(pid, null, WNOHANG),
      };
    } catch {
      // The other C library, or a system that forbids executable memory.
    }
  }
  return undefined;
}

function musl(arch: string): string {
  return { x64: "x86_64", arm64: "aarch64" }[arch] ?? arch;
}
