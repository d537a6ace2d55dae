/**
 * Recognises commands that only read, which require no permission in any mode. Codex's own parse of a command is made
 * for display: it calls `awk 'BEGIN{system("…")}'`, `find -delete`, `xargs` and `tee` reading
 * (0.169.0). So a command must also consist of words that are listed here. All other commands
 * require a permission.
 */

/** A command line of Codex: a shell, and a script that is bare or quoted as a whole. */
const WRAPPED = /^\/(?:usr\/)?bin\/(?:ba|z|da)?sh -l?c (?:'([^']*)'|"([^"\\$`!]*)"|([\w./-]+))$/;
/** A word: characters without a meaning to the shell, bare or in quotes that change nothing. */
const WORD =
  /^(?:[\w./,:=@%+^-]+|'[\w ./,:=@%+^*?|()[\]{}<>#~-]*'|"[\w ./,:=@%+^*?|()[\]{}<>#~-]*")$/;
const NUMBER = /^\d{1,9}$/;

/** Patterns of a program's options: without a value, and with the next word as their value. */
interface Options {
  alone: RegExp;
  valued?: RegExp;
  /** Accepts the value of such an option. */
  value?: RegExp;
}

const NONE = /^$/;
const COUNT: Options = { alone: /^-(?:[nc]?\d+|q|v)$/, valued: /^-[nc]$/, value: NUMBER };

const PROGRAMS: Readonly<Record<string, Options>> = {
  cat: { alone: /^-[AbeEnstTuv]+$/ },
  cd: { alone: NONE },
  find: {
    alone: /^-(?:not|empty|print)$/,
    valued: /^-(?:i?name|i?path|type|maxdepth|mindepth|size|mtime|newer)$/,
    value: /^[^-]/,
  },
  grep: { alone: /^-[abcEFGhHiIlLnorsvwxR]+$/, valued: /^-[ABCem]$/, value: /^[^-]/ },
  head: COUNT,
  ls: { alone: /^-[aAbBcCdFgGhiIklLmnNopqQrRsStuUvxX1]+$/ },
  nl: { alone: /^-b[atn]$/ },
  pwd: { alone: /^-[LP]$/ },
  rg: {
    alone: /^(?:-[cFiIlLnNosSuvwx]+|--files|--hidden|--no-ignore)$/,
    valued: /^-[ABCegtTm]$/,
    value: /^[^-]/,
  },
  tail: COUNT,
  wc: { alone: /^-[clLmw]+$/ },
};

/** True for a command line of Codex that certainly only reads. */
export function isReading(command: string): boolean {
  const match = WRAPPED.exec(command);
  const script = match?.[1] ?? match?.[2] ?? match?.[3];
  // Every other character that joins or moves commands is part of no word.
  return script !== undefined && script.split(/ (?:\||&&) /).every(isSimpleReading);
}

function isSimpleReading(command: string): boolean {
  const words = wordsOf(command);
  const [program = "", ...rest] = words ?? [];
  if (!words) return false;
  if (program === "sed") return isPrintingLines(rest);
  const options = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  return options !== undefined && areKnown(rest, options);
}

/** Words without their quotes; undefined if one of them means more to a shell. */
function wordsOf(command: string): string[] | undefined {
  const words = command.match(/'[^']*'|"[^"]*"|[^ '"]+/g) ?? [];
  // Nothing between the words but one space each.
  if (words.join(" ") !== command || !words.every((word) => WORD.test(word))) return undefined;
  return words.map((word) => (/^['"]/.test(word) ? word.slice(1, -1) : word));
}

function areKnown(words: readonly string[], { alone, valued = NONE, value = NONE }: Options) {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || alone.test(word)) continue;
    at += 1;
    if (!valued.test(word) || !value.test(words[at] ?? "")) return false;
  }
  return true;
}

/** `sed -n 1,20p FILE…`: any other script of sed may write or run commands. */
function isPrintingLines([option, script = "", ...files]: readonly string[]): boolean {
  const printsLines = option === "-n" && /^(?:\d+|\$)(?:,(?:\d+|\$))?p$/.test(script);
  return printsLines && files.every((file) => !file.startsWith("-"));
}
