import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { explainError, explainWrite, systemErrorOf, withCure } from "../../src/io/system-error.ts";

function systemError(code: string, syscall: string, path?: string): Error {
  return Object.assign(new Error(`${code}: words of the system`), { code, syscall, path });
}

const errors: [error: Error, env: Record<string, string>, text: string][] = [
  [
    systemError("EROFS", "mkdir", "/data/agents/claude"),
    {},
    "/data/agents/claude cannot be created: the file system is read-only; mount it writable, or choose another folder (EROFS)",
  ],
  [
    systemError("ENOSPC", "write", "/home/u/.cache/x"),
    { HOME: "/home/u", XDG_CACHE_HOME: "/home/u/.cache" },
    "/home/u/.cache/x cannot be written: the disk is full; free some space, or set XDG_CACHE_HOME to another one (ENOSPC)",
  ],
  [
    systemError("ENOENT", "mkdtemp", "/none/sandbox-agent-XXXXXX"),
    { TMPDIR: "/none" },
    "/none/sandbox-agent-XXXXXX cannot be created: the directory does not exist; create it, or set TMPDIR to another one (ENOENT)",
  ],
  [
    systemError("EMFILE", "open", "/etc/hosts"),
    { HOME: "/etc" },
    "/etc/hosts cannot be opened: the process has too many open files; raise `ulimit -n` (EMFILE)",
  ],
  [
    systemError("EAGAIN", "spawn /bin/true", "/bin/true"),
    {},
    "no process can be started: the system starts no further process; raise `ulimit -u` and the limit of the container, or end other processes (EAGAIN)",
  ],
];

it.each(errors)(
  "explainError names the path, the cause and the cure of $message",
  (error, env, text) => {
    expect(explainError(error, env)).toBe(text);
  },
);

it("explainError understands an error of the runtime", () => {
  const folder = mkdtempSync(join(tmpdir(), "sa-explain-"));
  try {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const failed = () => mkdtempSync(join(file, "x"));
    expect(failed).toThrow();
    try {
      failed();
    } catch (cause) {
      expect(explainError(cause, { TMPDIR: folder })).toMatch(
        /x.* cannot be created: a part of the path is not a directory; set TMPDIR to another one|choose/,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("systemErrorOf leaves other errors, and programs that are not there, to their own words", () => {
  expect(systemErrorOf(new Error("no"))).toBeUndefined();
  expect(systemErrorOf(systemError("ENOENT", "spawn /none", "/none"))).toBeUndefined();
  expect(systemErrorOf(systemError("ECONNRESET", "read"))).toBeUndefined();
  expect(() => readFileSync("/none")).toThrow(expect.objectContaining({ syscall: "open" }));
});

it("explainWrite reports an unknown code", () => {
  expect(explainWrite("EUNKNOWN", "/x", {})).toBe(
    "/x cannot be written: the system reports an error (EUNKNOWN)",
  );
});

const words: [words: string, cure: string | undefined][] = [
  ["ENOTDIR: not a directory, mkdir '/home/u/.local/share/opencode'", "set HOME to another one"],
  [
    "failed to initialize state runtime at /home/u/.codex: Permission denied (os error 13)",
    "change the owner or the mode, or set HOME to another one",
  ],
  ["No file descriptors available (os error 24)", "raise `ulimit -n`"],
  ["oh no: Bun has run out of memory.", "raise the limit of memory, or end other processes"],
  ["Not logged in", undefined],
  [
    "error returned from database: (code: 13) database or disk is full",
    "free some space, or choose another folder",
  ],
];

it.each(words)("withCure adds a cure to %j if it names an error of the system", (said, cure) => {
  const expected = cure === undefined ? said : `${said} (${cure})`;
  expect(withCure(said, { HOME: "/home/u" })).toBe(expected);
});

it("withCure names a folder that cannot be written if the message names none", () => {
  const folder = mkdtempSync(join(tmpdir(), "sa-explain-"));
  try {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const env = { HOME: folder, XDG_DATA_HOME: join(file, "data") };
    expect(withCure("Unexpected error", { HOME: folder })).toBe("Unexpected error");
    expect(withCure("Unexpected error", { HOME: join(folder, "not", "there") })).toBe(
      "Unexpected error",
    );
    expect(withCure("Not a directory (os error 20)", { HOME: file })).toBe(
      `Not a directory (os error 20) (${file} cannot be written: a part of the path is not a directory; set HOME to another one (ENOTDIR))`,
    );
    expect(withCure("Unexpected error", env)).toBe(
      `Unexpected error (${file}/data cannot be written: a part of the path is not a directory; set XDG_DATA_HOME to another one (ENOTDIR))`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
