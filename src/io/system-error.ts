import { sep } from "node:path";
import { folderTrouble } from "./folder-trouble.ts";

/** The reason of an error of the system, and what helps. */
interface Explanation {
  reason: string;
  cure?: string;
  /** Whether another folder helps too. */
  elsewhere?: true;
}

const NOT_ALLOWED: Explanation = {
  reason: "its user is not allowed to do this there",
  cure: "change the owner or the mode",
  elsewhere: true,
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOSPC: { reason: "the disk is full", cure: "free some space", elsewhere: true },
  EDQUOT: { reason: "the disk quota is used up", cure: "free some space", elsewhere: true },
  EROFS: { reason: "the file system is read-only", cure: "mount it writable", elsewhere: true },
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  ENOENT: { reason: "the directory does not exist", cure: "create it", elsewhere: true },
  ENOTDIR: { reason: "a part of the path is not a directory", elsewhere: true },
  ELOOP: { reason: "it is a loop of symbolic links", cure: "repair the link", elsewhere: true },
  EEXIST: { reason: "a file is in its place", cure: "remove it", elsewhere: true },
  EISDIR: { reason: "it is a directory", cure: "remove it" },
  EMFILE: { reason: "the process has too many open files", cure: "raise `ulimit -n`" },
  ENFILE: { reason: "the system has too many open files", cure: "end other processes" },
  ENOMEM: {
    reason: "there is too little memory",
    cure: "raise the limit of memory, or end other processes",
  },
  EAGAIN: {
    reason: "the system starts no further process",
    cure: "raise `ulimit -u` and the limit of the container, or end other processes",
  },
};

/** Rust prints the number, and other libraries the words alone. */
const WORDS: readonly [words: RegExp, code: string][] = [
  [/\(os error 28\)|No space left on device|database or disk is full/, "ENOSPC"],
  [/\(os error 122\)|Disk quota exceeded/, "EDQUOT"],
  [/\(os error 30\)|Read-only file system/, "EROFS"],
  [/\(os error 13\)|Permission denied/, "EACCES"],
  [/\(os error 1\)|Operation not permitted/, "EPERM"],
  [/\(os error 20\)|Not a directory/, "ENOTDIR"],
  [/\(os error 24\)|Too many open files|No file descriptors available/, "EMFILE"],
  [/\(os error 12\)|Cannot allocate memory|out of memory/i, "ENOMEM"],
  [/\(os error 11\)|Resource temporarily unavailable/, "EAGAIN"],
  [/\(os error 40\)/, "ELOOP"],
  [/\(os error 17\)/, "EEXIST"],
  [/\(os error 2\)/, "ENOENT"],
];

/** Variables that name a folder; of several that hold a path the longest value counts, of equal ones the first. */
const FOLDERS = [
  "TMPDIR",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
  "SANDBOX_AGENT_INSTALL_DIR",
  "HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
];

type Environment = Readonly<Record<string, string | undefined>>;

/** An error of the system with its path, and a sentence that names cause and cure. */
export interface SystemError {
  code: string;
  path: string | undefined;
  text: string;
}

/**
 * Explains an error of a system call of this process. Returns undefined for any other error, and for a
 * code without an explanation.
 */
export function systemErrorOf(cause: unknown, env: Environment = process.env) {
  if (!(cause instanceof Error) || !("code" in cause) || !("syscall" in cause)) return undefined;
  const { code, syscall } = cause;
  const path = "path" in cause && typeof cause.path === "string" ? cause.path : undefined;
  if (typeof code !== "string" || !Object.hasOwn(EXPLANATIONS, code)) return undefined;
  const isSpawn = typeof syscall === "string" && syscall.startsWith("spawn");
  // For a program it means that the file is missing. The program's own message is clearer.
  if (isSpawn && (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR")) return undefined;
  const subject = isSpawn ? "no process can be started" : subjectOf(path, syscall);
  return { code, path, text: `${subject}: ${explain(code, path, env)}` } satisfies SystemError;
}

/** The message of an error, or the explanation of an error of the system. */
export function explainError(cause: unknown, env?: Environment): string {
  const system = systemErrorOf(cause, env);
  if (system) return system.text;
  return cause instanceof Error ? cause.message : String(cause);
}

/** The sentence `<path> cannot be written: <cause>; <cure> (<code>)` for a path that is known. */
export function explainWrite(code: string, path: string, env: Environment = process.env): string {
  return `${path} cannot be written: ${explain(code, path, env)}`;
}

/**
 * Adds the cure to the words with which another program has failed: the one of the error of the system
 * that they name, or else of the first folder of the environment that cannot be written.
 */
export function withCure(words: string, env: Environment = process.env): string {
  const code =
    /\b(E[A-Z]{3,6}): /.exec(words)?.[1] ?? WORDS.find(([known]) => known.test(words))?.[1];
  if (code === undefined || !Object.hasOwn(EXPLANATIONS, code)) {
    const trouble = words === "" ? undefined : folderTrouble(env, FOLDERS);
    if (!trouble) return words;
    return `${words} (${explainWrite(trouble.code, trouble.path, env)})`;
  }
  const path = pathIn(words);
  const trouble = path === undefined ? folderTrouble(env, FOLDERS) : undefined;
  if (trouble?.code === code) return `${words} (${explainWrite(code, trouble.path, env)})`;
  return `${words} (${cureOf(code, path, env)})`;
}

/** The first absolute path in a text. */
function pathIn(words: string): string | undefined {
  const path = /'(\/[^']{1,4096})'|"(\/[^"]{1,4096})"| (\/[^\s:'"]{1,4096})/.exec(words);
  return path?.[1] ?? path?.[2] ?? path?.[3];
}

/** The effect of a system call on its path. */
const ACTIONS: ReadonlyMap<unknown, string> = new Map([
  ["mkdir", "created"],
  ["mkdtemp", "created"],
  ["open", "opened"],
  ["read", "read"],
  ["readlink", "read"],
  ["scandir", "read"],
  ["stat", "read"],
  ["lstat", "read"],
]);

function subjectOf(path: string | undefined, syscall: unknown): string {
  return `${path ?? "a file"} cannot be ${ACTIONS.get(syscall) ?? "written"}`;
}

function explain(code: string, path: string | undefined, env: Environment): string {
  const reason = Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code]?.reason : undefined;
  const cure = cureOf(code, path, env);
  return `${reason ?? "the system reports an error"}${cure ? `; ${cure}` : ""} (${code})`;
}

function cureOf(code: string, path: string | undefined, env: Environment): string | undefined {
  const explanation = Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined;
  if (!explanation) return undefined;
  const variable = path === undefined ? undefined : folderVariable(path, env);
  const other = variable === undefined ? "choose another folder" : `set ${variable} to another one`;
  const parts = [explanation.cure, explanation.elsewhere && other];
  return parts.filter((part) => part !== undefined).join(", or ");
}

/** The variable whose value is the folder, or is above it. */
function folderVariable(path: string, env: Environment): string | undefined {
  let found: { name: string; length: number } | undefined;
  for (const name of FOLDERS) {
    const folder = env[name];
    if (!folder || (path !== folder && !path.startsWith(`${folder}${sep}`))) continue;
    if (!found || folder.length > found.length) found = { name, length: folder.length };
  }
  return found?.name;
}
