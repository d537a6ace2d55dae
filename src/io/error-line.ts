import { withoutEscapes } from "./shown-text.ts";
import { withCure } from "./system-error.ts";

/** Lines without the reason of a failure. */
const NOISE = [
  /^\s*$/,
  // The version of the runtime, which Node and Bun print last.
  /^(?:Node\.js|Bun) v\d/,
  // Notices of Node, and words of a shell about the signal.
  /^\(Use `node --trace/,
  /^\(node:\d+\) /,
  /^(?:Aborted|Killed|Segmentation fault|Trace\/breakpoint trap)(?: \(core dumped\))?$/,
  // Stack frames of JavaScript and of Rust.
  /^\s*at /,
  /^\s*\d+: /,
  /^stack backtrace:/i,
  // Source code, and the marks below it.
  /^\s*\d+ \| /,
  /^[\s^~]+$/,
  // Members of an error, and what closes them.
  /^\s+["'[\]\w]+: /,
  /^[\s{}[\](),]+$/,
  /^(?:note|hint|help): /i,
  /^warning\b/i,
  /^[=-]{3,}/,
  // The report of a crash of Bun.
  /^(?:Args|CPU|Elapsed|Features|RSS|Linux Kernel)\b/,
  /^\s*https?:\/\/\S+$/,
  /^To send a redacted crash report/,
];

/** A line that names an error of the system, alone or after a word such as `Error:`. */
const SYSTEM_ERROR = /^(?:[Uu]ncaught |[Ee]rror: ){0,2}E[A-Z0-9]{2,20}: \S/;
/** A line that begins as errors of programs do. */
const ERROR =
  /^(?:[Uu]ncaught )?(?:[A-Za-z]{0,40}Error|error|fatal|fatal error|FATAL ERROR|panic)(?: \[[A-Z0-9_]{1,60}\]|\([^()]{0,40}\))?: \S/;
const OUT_OF_MEMORY = /^oh no: \S.*out of memory/;
/** A panic of Rust, whose message is the next line. */
const PANIC = /^thread '.{0,200}?' (?:\(\d+\) )?panicked at (.{1,200}):$/;
/** The place of an error in Node's excerpt of the source code, which two lines follow. */
const PLACE = /^(?:node:|file:\/\/|\/)\S*:\d+$/;
const CARETS = /^\s*[\^~]+\s*$/;
const PREFIX = /^(?:[Ee]rror: )+/;

/**
 * The line of an output with the reason of a program's failure. Empty if no line has it. Recognizes the
 * failures of Node, Bun, Rust and the loader of glibc.
 */
export function errorLine(lines: readonly string[]): string {
  const plain = withoutSource(lines.map((line) => lastDrawn(withoutEscapes(line))));
  const panic = panicIn(plain);
  if (panic !== undefined) return panic;
  const said = plain.filter((line) => !NOISE.some((noise) => noise.test(line)));
  const found =
    said.findLast((line) => SYSTEM_ERROR.test(line)) ??
    said.findLast((line) => OUT_OF_MEMORY.test(line)) ??
    said.findLast((line) => ERROR.test(line)) ??
    said.at(-1) ??
    // A warning is better than nothing.
    plain.findLast((line) => /^warning\b/i.test(line)) ??
    "";
  return found.trim().replace(PREFIX, "");
}

/** The text of a line after the last return to its start, as of a progress bar. */
function lastDrawn(line: string): string {
  const text = line.trimEnd();
  return text.slice(text.lastIndexOf("\r") + 1);
}

/** The same for the beginning and the end that are kept of an output. */
export function reasonOf({ head, tail }: { head?: string | undefined; tail?: string | undefined }) {
  return errorLine([head, tail].flatMap((part) => part?.split("\n") ?? []));
}

/** The reason with the cure of an error of the system, if the output has one. */
export function reasonWithCure(output: Parameters<typeof reasonOf>[0]): string {
  return withCure(reasonOf(output));
}

/** Leaves out the excerpt of source code that Node prints before an error. */
function withoutSource(lines: readonly string[]): string[] {
  return lines.filter((line, index) => {
    if (PLACE.test(line) && CARETS.test(lines[index + 2] ?? "")) return false;
    return !(PLACE.test(lines[index - 1] ?? "") && CARETS.test(lines[index + 1] ?? ""));
  });
}

function panicIn(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => PANIC.test(line));
  const place = PANIC.exec(lines[at] ?? "")?.[1];
  const message = lines[at + 1]?.trim();
  if (place === undefined) return undefined;
  return message ? `${message} (panicked at ${place})` : `panicked at ${place}`;
}
