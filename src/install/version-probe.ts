import { once } from "node:events";
import { stat } from "node:fs/promises";
import { parse } from "node:path";
import semver from "semver";
import { Child } from "../io/child.ts";
import type { ChildUser } from "../io/child-user.ts";
import { ownerMarker } from "../io/owner.ts";
import { within } from "../io/within.ts";
import type { Environment } from "./environment.ts";
import { isShim, managerVariables, shimFolder } from "./shim.ts";

const TIME_LIMIT_MS = 10_000;
const MAX_LINES = 1000;
const MAX_LINE_BYTES = 4096;
/** Lines before the version, such as the notices of a version manager. */
const MAX_NOTICES = 20;
/** Variables by which a script on PATH finds its interpreter. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "SystemRoot", "USERPROFILE", "LOCALAPPDATA", "TEMP"];

/** After so long the shim of a version manager is asked again, which may run another version by then. */
const SHIM_MS = 10_000;

/** An answer, and when it was asked for on the monotonic clock. */
interface Answer {
  stamp: string;
  askedAt: number;
  isShim: boolean;
  isOver: boolean;
  version: Promise<string | undefined>;
}

/**
 * Asks executables that we have not installed for their version: once each, until they change. Shims of
 * version managers are asked whenever the version decides, and else from time to time.
 */
export class VersionProbe implements AsyncDisposable {
  readonly #env: Record<string, string>;
  readonly #user: ChildUser | undefined;
  readonly #timeLimitMs: number;
  readonly #stop = new AbortController();
  readonly #answers = new Map<string, Answer>();

  /** Runs the executables as `user`, or as this process's own user. */
  constructor(env: Environment, timeLimitMs: number = TIME_LIMIT_MS, user?: ChildUser) {
    this.#user = user;
    const passedOn = PASSED_ON.map((name) => [name, env[name]] as const);
    this.#env = {
      ...managerVariables(env),
      ...Object.fromEntries(passedOn.flatMap(([name, value]) => (value ? [[name, value]] : []))),
    };
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
    const found = this.#answers.get(path);
    const known = found?.stamp === stamp ? found : undefined;
    if (patienceMs === undefined) {
      const isCurrent = known !== undefined && !(known.isShim && known.isOver);
      const { version } = isCurrent ? known : await this.#begin(path, stamp, versionArguments);
      return await version;
    }
    const isOld = known?.isShim === true && performance.now() - known.askedAt > SHIM_MS;
    const next = known && !isOld ? undefined : await this.#begin(path, stamp, versionArguments);
    // The answer of before will do until there is another.
    const { version } = known ?? next ?? { version: undefined };
    const told = await within(Promise.resolve(version), AbortSignal.timeout(patienceMs));
    return told ? await version : undefined;
  }

  /** Asks, unless another caller has done so meanwhile. */
  async #begin(path: string, stamp: string, args: readonly string[]): Promise<Answer> {
    const before = this.#answers.get(path);
    // One that can be run may be closed to readers.
    const isIndirect = await isShim(path).catch(() => false);
    const cwd = isIndirect ? await shimFolder(this.#env, path) : parse(path).root;
    const other = this.#answers.get(path);
    if (other && other !== before && other.stamp === stamp) return other;
    const version = this.#ask(path, args, cwd);
    const askedAt = performance.now();
    const answer: Answer = { stamp, askedAt, isShim: isIndirect, isOver: false, version };
    this.#answers.set(path, answer);
    void version.finally(() => {
      answer.isOver = true;
    });
    return answer;
  }

  /** Ends the executables that are still being asked. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#answers.values()].map(({ version }) => version));
  }

  async #ask(file: string, args: readonly string[], cwd: string): Promise<string | undefined> {
    const marker = await ownerMarker("version");
    const flooded = new AbortController();
    const lines: string[] = [];
    const child = Child.start({
      file,
      args,
      cwd,
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
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const texts = lines.slice(0, MAX_NOTICES).map((line) => line.trim().split(" (")[0] ?? "");
  const words = texts.flatMap((text) => text.split(/\s+/));
  return words.find((word) => semver.valid(word) !== null) ?? (texts[0] || undefined);
}
