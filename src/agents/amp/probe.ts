import { stat } from "node:fs/promises";
import { parse } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenOptions } from "../agent.ts";
import { reasonWithCure } from "../../io/error-line.ts";
import type { Line } from "../../io/lines.ts";
import { withRuntimeFolder } from "./runtime-folder.ts";

/** `--help` is answered in 0.6 s on a small machine (0.0.1790142911). */
const PROBE_MS = 30_000;

/** What an executable can do. */
export interface Abilities {
  /** The agent loop runs on the server (`@ampcode/cli`); else it is the older JavaScript CLI. */
  serverLoop: boolean;
  /** What `-m` takes. */
  modes: string[];
}

type Asked = Pick<OpenOptions, "env" | "startChild" | "installDir" | "childGroup">;

/** Finds out what executables can do, once for each: from what they say of themselves. */
export class Probe {
  readonly #known = new Map<string, Promise<Abilities>>();

  /** Rejects where the executable says nothing of use; the next call asks again. */
  async abilities(executable: string, asked: Asked): Promise<Abilities> {
    const { mtimeMs, size } = await stat(executable);
    const key = `${executable} ${mtimeMs} ${size}`;
    const known = this.#known.get(key) ?? ask(executable, asked);
    this.#known.set(key, known);
    try {
      return await known;
    } catch (cause) {
      this.#known.delete(key);
      throw cause;
    }
  }
}

async function ask(executable: string, asked: Asked): Promise<Abilities> {
  const lines: Line[] = [];
  const env = await withRuntimeFolder(asked.env, asked);
  await using child = asked.startChild({
    file: executable,
    args: ["--help"],
    cwd: parse(executable).root,
    env: { ...env, AMP_SKIP_UPDATE_CHECK: "1" },
    stdin: "ignore",
    onLines: (more) => lines.push(...more),
  });
  const over = new AbortController();
  const late = sleep(PROBE_MS, undefined, { signal: over.signal }).catch(() => undefined);
  const exit = await Promise.race([child.exited, late]);
  over.abort();
  const help = lines.filter((line) => typeof line === "string").join("\n");
  if (!help.includes("--stream-json-input")) {
    const said = reasonWithCure(child.stderr.toJSON());
    const why = exit?.error?.message ?? (said || "its help does not tell how");
    throw new Error(`this amp cannot be driven by a program: ${why}`);
  }
  return abilitiesFrom(help);
}

/** Reads the help of the CLI. */
export function abilitiesFrom(help: string): Abilities {
  const words = help.replace(/\s+/g, " ");
  const listed = /Set the agent mode \(([^()]*)\)/.exec(words)?.[1] ?? "";
  const [named = ""] = listed.split(/, or |, case-insensitive/);
  const serverLoop = words.includes("--no-archive-after-execute");
  const modes = named.split(/, ?/).filter((mode) => /^[\w-]+$/.test(mode));
  // "Stream JSON mode is not permitted with 'rush' mode" (0.0.1769425000).
  return { serverLoop, modes: serverLoop ? modes : modes.filter((mode) => mode !== "rush") };
}
