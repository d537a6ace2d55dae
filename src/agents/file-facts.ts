import { stat } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { errorCode } from "../io/error-code.ts";
import { readBounded } from "../io/read-bounded.ts";
import { within } from "../io/within.ts";
import { RecentMap } from "../io/recent-map.ts";
import type { Hunk } from "./unified-diff.ts";

/** The size up to which the text of a file is read to make a diff of it. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** The size up to which the properties of a file are read. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const MISSING = new Set(["ENOENT", "ENOTDIR"]);
/** Time limit for reading a file before a permission for it is shown, in milliseconds. */
const READ_MS = 1000;
/** Time by which a file must be older than a call to have existed before it. */
const NEW_MS = 1000;

/** Properties of a file that an agent's diff of it does not show. */
export interface FileFacts {
  /** The text is the bytes: UTF-8 without a replacement character. */
  isText: boolean;
  hasBom: boolean;
  lineEnds: "lf" | "crlf" | "mixed";
  /** The last line, if no line end follows. */
  unended: string | undefined;
  /** The file is older than the call that concerns it. */
  isOld: boolean;
}

/** The properties of a file that cannot be read, or is too large. */
const UNKNOWN: FileFacts = {
  isText: false,
  hasBom: false,
  lineEnds: "mixed",
  unended: undefined,
  isOld: false,
};

/** The properties of bytes. */
export function factsOf(bytes: Buffer, isOld = false): FileFacts {
  const text = bytes.toString();
  const isText = isUtf8(bytes) && !text.includes("\ufffd") && !text.includes("\0");
  const crlf = text.split("\r\n").length - 1;
  const lf = text.split("\n").length - 1 - crlf;
  const last = text.slice(text.lastIndexOf("\n") + 1);
  return {
    isText,
    hasBom: text.startsWith("\ufeff"),
    lineEnds: crlf === 0 ? "lf" : lf === 0 ? "crlf" : "mixed",
    unended: last === "" ? undefined : last,
    isOld,
  };
}

/**
 * Reads the properties of a file. Undefined if it does not exist. The time of the call is read from the
 * wall clock, as the file system reads the time at which it creates a file.
 */
async function readFacts(path: string): Promise<FileFacts | undefined> {
  const calledAt = Date.now();
  try {
    const { birthtimeMs } = await stat(path);
    const bytes = await readBounded(path, MAX_READ_BYTES);
    return factsOf(bytes, birthtimeMs > 0 && birthtimeMs < calledAt - NEW_MS);
  } catch (error) {
    return MISSING.has(errorCode(error) ?? "") ? undefined : UNKNOWN;
  }
}

/**
 * The properties of the files that the calls of a session concern. Each file is read when its call is
 * reported, usually before the agent has changed it.
 */
export class KnownFiles {
  readonly #facts = new RecentMap<FileFacts | "missing" | "reading">();

  /** Begins to read a file. */
  note(path: string): void {
    this.#facts.delete(path);
    this.#facts.set(path, "reading");
    void this.#note(path);
  }

  /** Sets the properties of a file that the agent does not change before it is allowed to. */
  set(path: string, facts: FileFacts): void {
    this.#facts.set(path, facts);
  }

  /**
   * Reads a file that the agent does not change before it is allowed to. Undefined if the file does
   * not exist, or cannot be read in time.
   */
  async read(path: string): Promise<FileFacts | undefined> {
    const reading = readFacts(path);
    const facts = (await within(reading, AbortSignal.timeout(READ_MS))) ? await reading : undefined;
    if (facts) this.set(path, { ...facts, isOld: true });
    return facts;
  }

  /** Reports if the file existed before the call that concerns it, as far as that is known. */
  isOld(path: string): boolean {
    const facts = this.of(path);
    return facts !== undefined && facts !== "reading" && facts.isOld;
  }

  /** Undefined for a file that was not noted, or does not exist. */
  of(path: string): FileFacts | "reading" | undefined {
    const facts = this.#facts.get(path);
    return facts === "missing" ? undefined : facts;
  }

  async #note(path: string): Promise<void> {
    const facts = await readFacts(path);
    // The facts may have been set meanwhile, from a file that was certainly not changed yet.
    if (this.#facts.get(path) === "reading") this.#facts.set(path, facts ?? "missing");
  }
}

/**
 * The hunks of an agent that reads and shows text, as they apply to the bytes of the file. Undefined
 * if they do not apply, or if that is not known. `keepsEnds`: the tool writes the line ends that the
 * file had before.
 */
export function exactHunks(
  hunks: readonly Hunk[] | undefined,
  facts: FileFacts | "reading" | undefined,
  { keepsEnds }: { keepsEnds: boolean },
): Hunk[] | undefined {
  if (!hunks || facts === "reading") return undefined;
  if (!facts) return [...hunks];
  if (!facts.isText || isWithoutBom(hunks, facts) || isEndLost(hunks, facts)) return undefined;
  if (facts.lineEnds === "lf") return [...hunks];
  if (facts.lineEnds === "mixed" || !keepsEnds) return undefined;
  return hunks.map((hunk) => ({ ...hunk, lines: withReturns(hunk.lines) }));
}

/** Reports if hunks show the first line of a file without its byte order mark. */
function isWithoutBom(hunks: readonly Hunk[], { hasBom }: FileFacts): boolean {
  const [first] = hunks;
  if (!hasBom || !first || first.oldStart > 1) return false;
  return !first.lines.some((line) => line.startsWith("\ufeff", 1));
}

/** Reports if hunks show the last line of a file as if a line end followed. */
function isEndLost(hunks: readonly Hunk[], { unended }: FileFacts): boolean {
  const lines = hunks.at(-1)?.lines ?? [];
  if (unended === undefined || lines.some((line) => line.startsWith("\\"))) return false;
  const last = (marks: string) => lines.findLast((line) => marks.includes(line[0] ?? ""))?.slice(1);
  return last(" -") === unended || last(" +") === unended;
}

/** Lines as they are in a file whose lines end with CRLF; the last line may have no line end. */
function withReturns(lines: readonly string[]): string[] {
  return lines.map((line, index) => {
    const isEnded = !line.startsWith("\\") && lines[index + 1]?.startsWith("\\") !== true;
    return isEnded && !line.endsWith("\r") ? `${line}\r` : line;
  });
}
