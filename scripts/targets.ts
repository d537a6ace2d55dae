/** A platform for which an executable is compiled. */
export interface Target {
  /** As in `sandbox-agent-<name>`, and as install.sh names it. */
  readonly name: string;
  /** What Bun calls it. */
  readonly bun: string;
  /** The npm package that holds Bun for it. */
  readonly runtime: string;
  /** How the tests run it: on the machine's own processor, on an emulated one, or not at all. */
  readonly run: "native" | "emulated" | "never";
}

/**
 * All platforms of a release. There is none for Windows: the daemon has never run there. Those for macOS
 * are built, and not run: there is none here.
 */
export const targets: readonly Target[] = [
  target("linux-x64", "linux-x64", "native"),
  target("linux-x64-baseline", "linux-x64-baseline", "native"),
  target("linux-arm64", "linux-aarch64", "emulated"),
  target("linux-x64-musl", "linux-x64-musl", "native"),
  target("linux-x64-musl-baseline", "linux-x64-musl-baseline", "native"),
  target("linux-arm64-musl", "linux-aarch64-musl", "emulated"),
  target("darwin-x64", "darwin-x64", "never"),
  target("darwin-arm64", "darwin-aarch64", "never"),
];

function target(name: string, bun: string, run: Target["run"]): Target {
  return { name, bun: `bun-${bun}`, runtime: `@oven/bun-${bun}`, run };
}
