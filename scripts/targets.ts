/** A platform for which an executable is compiled. */
export interface Target {
  /** As in `sandbox-agent-<name>`, and as install.sh names it. */
  readonly name: string;
  /** What Bun calls it. */
  readonly bun: string;
  /** The npm package that holds Bun for it. */
  readonly runtime: string;
  /** Where the tests run it: as it is, emulated, or nowhere. */
  readonly run: "native" | "emulated" | "never";
}

/**
 * All platforms of a release. There is none for Windows: the daemon has never run there. Musl and
 * macOS are built, and not run: there is neither here.
 */
export const targets: readonly Target[] = [
  target("linux-x64", "linux-x64", "native"),
  target("linux-x64-baseline", "linux-x64-baseline", "native"),
  target("linux-arm64", "linux-aarch64", "emulated"),
  target("linux-x64-musl", "linux-x64-musl", "never"),
  target("linux-x64-musl-baseline", "linux-x64-musl-baseline", "never"),
  target("linux-arm64-musl", "linux-aarch64-musl", "never"),
  target("darwin-x64", "darwin-x64", "never"),
  target("darwin-arm64", "darwin-aarch64", "never"),
];

function target(name: string, bun: string, run: Target["run"]): Target {
  return { name, bun: `bun-${bun}`, runtime: `@oven/bun-${bun}`, run };
}
