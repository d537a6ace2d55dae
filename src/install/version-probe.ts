import { once } from "node:events";
import { stat } from "node:fs/promises";
import { parse } from "node:path";
import semver from "semver";
import { Child } from "../io/child.ts";
import type { ChildUser } from "../io/child-user.ts";
import { ownerMarker } from "../io/owner.ts";
import { within } from "../io/within.ts";
import type { Environment } from "./environment.ts";

const TIME_LIMIT_MS = 10_000;
const MAX_LINES = 1000;
const MAX_LINE_BYTES = 4096;
/** What a script on PATH needs to find its interpreter and a version manager to find its files. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "SystemRoot", "USERPROFILE", "LOCALAPPDATA", "TEMP"];

/** Asks executables that we have not installed for their version: once each, until they change. */
export class VersionProbe implements AsyncDisposable {
  readonly #env: Record<string, string>;
  readonly #user: ChildUser | undefined;
  readonly #timeLimitMs: number;
  readonly #stop = new AbortController();
  readonly #answers = new Map<string, { stamp: string; version: Promise<string | undefined> }>();

  /** Runs the executables as `user`, or as this process's own user. */
  constructor(env: Environment, timeLimitMs: number = TIME_LIMIT_MS, user?: ChildUser) {
    this.#user = user;
    const passedOn = PASSED_ON.map((name) => [name, env[name]] as const);
    this.#env = Object.fromEntries(
      passedOn.flatMap(([name, value]) => (value ? [[name, value]] : [])),
    );
    this.#timeLimitMs = timeLimitMs;
  }

  /**
   * Undefined where the executable does not say within the time limit. With `patienceMs` only so
   * much of that is waited for: the answer is there for whoever asks later.
   */
  async read(
    path: string,
    versionArguments: readonly string[],
    patienceMs?: number,
  ): Promise<string | undefined> {
    const { mtimeMs, size } = await stat(path);
    const stamp = `${mtimeMs} ${size}`;
    const known = this.#answers.get(path);
    const version = known?.stamp === stamp ? known.version : this.#ask(path, versionArguments);
    this.#answers.set(path, { stamp, version });
    if (patienceMs === undefined) return await version;
    const told = await within(version, AbortSignal.timeout(patienceMs));
    return told ? await version : undefined;
  }

  /** Ends the executables that are still being asked. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#answers.values()].map(({ version }) => version));
  }

  async #ask(file: string, args: readonly string[]): Promise<string | undefined> {
    const marker = await ownerMarker("version");
    const flooded = new AbortController();
    const lines: string[] = [];
    const child = Child.start({
      file,
      args,
      cwd: parse(file).root,
      env: this.#env,
      user: this.#user,
      stdin: "ignore",
      marker,
      maxLineBytes: MAX_LINE_BYTES,
      onLines: (batch) => {
        lines.push(...batch.filter((line) => typeof line === "string"));
        if (lines.length > MAX_LINES) flooded.abort();
      },
    });
    try {
      const limit = AbortSignal.timeout(this.#timeLimitMs);
      const ended = await exitOf(
        child,
        AbortSignal.any([limit, this.#stop.signal, flooded.signal]),
      );
      return ended?.code === 0
        ? parseVersion([...lines, ...child.stderr.lines().head].join("\n"))
        : undefined;
    } finally {
      await child.end({ graceMs: 0, termMs: 0 });
    }
  }
}

/** Undefined where the signal comes before the exit. */
async function exitOf(child: Child, signal: AbortSignal) {
  if (signal.aborted) return undefined;
  const done = new AbortController();
  const stopped = once(signal, "abort", { signal: done.signal }).then(() => undefined);
  try {
    return await Promise.race([child.exited, stopped]);
  } finally {
    done.abort();
  }
}

/** `2.1.330 (Claude Code)` and `codex-cli 0.169.0` name a version and more. */
export function parseVersion(output: string): string | undefined {
  const line = output.split("\n").find((line) => line.trim() !== "");
  const [text = ""] = line?.trim().split(" (") ?? [];
  return text.split(/\s+/).find((word) => semver.valid(word) !== null) ?? (text || undefined);
}
