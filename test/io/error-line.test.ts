import { expect, it } from "vitest";
import { errorLine } from "../../src/io/error-line.ts";

/** Outputs of failed programs on stderr, shortened only in the number of stack frames. */
const outputs: [what: string, output: string, reason: string][] = [
  [
    "an uncaught system error of Node 20",
    `node:fs:1386
  const result = binding.mkdir(
                         ^

Error: ENOTDIR: not a directory, mkdir '/tmp/rx/file/.agent'
    at Object.mkdirSync (node:fs:1386:26)
    at load (/tmp/rx/thrower.cjs:2:21)
    at node:internal/main/run_main_module:28:49 {
  errno: -20,
  code: 'ENOTDIR',
  syscall: 'mkdir',
  path: '/tmp/rx/file/.agent'
}

Node.js v20.20.2`,
    "ENOTDIR: not a directory, mkdir '/tmp/rx/file/.agent'",
  ],
  [
    "a missing module of Node 20",
    `node:internal/modules/esm/resolve:873
  throw new ERR_MODULE_NOT_FOUND(packageName, fileURLToPath(base), null);
        ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'missing-module' imported from /tmp/rx/thrower2.mjs
    at packageResolve (node:internal/modules/esm/resolve:873:9)
    at #cachedDefaultResolve (node:internal/modules/esm/loader:657:25) {
  code: 'ERR_MODULE_NOT_FOUND'
}

Node.js v20.20.2`,
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'missing-module' imported from /tmp/rx/thrower2.mjs",
  ],
  [
    "a syntax error of Node 20",
    `/tmp/rx/syntax.js:1
const a = ;
          ^

SyntaxError: Unexpected token ';'
    at wrapSafe (node:internal/modules/cjs/loader:1464:18)

Node.js v20.20.2`,
    "SyntaxError: Unexpected token ';'",
  ],
  [
    "an error of Node 20 with a cause",
    `file:///tmp/rx/reject.mjs:1
await Promise.reject(new Error("cannot open the database\\n  caused by: disk full", {}));
                     ^

Error: cannot open the database
  caused by: disk full
    at file:///tmp/rx/reject.mjs:1:22
    at async asyncRunEntryPointWithESMLoader (node:internal/modules/run_main:117:5) {
  [cause]: Error: ENOSPC: no space left on device
      at file:///tmp/rx/reject.mjs:1:92
}

Node.js v20.20.2`,
    "cannot open the database",
  ],
  [
    "OpenCode 1.18.33 whose data folder is a file",
    `ENOTDIR: not a directory, mkdir '/tmp/rx/file/.local/share/opencode'
    path: "/tmp/rx/file/.local/share/opencode",
 syscall: "mkdir",
   errno: -20,
    code: "ENOTDIR"


Bun v1.3.14 (Linux x64 baseline)`,
    "ENOTDIR: not a directory, mkdir '/tmp/rx/file/.local/share/opencode'",
  ],
  [
    "OpenCode 1.18.33 with a broken configuration",
    `Warning: OPENCODE_SERVER_PASSWORD is not set; server is unsecured.
\u001b[91m\u001b[1mError: \u001b[0mConfig file at /tmp/rx/cfg/opencode/opencode.json is not valid JSON(C): 
--- JSONC Input ---
{ "a": 

--- Errors ---
ValueExpected at line 2, column 1
CloseBraceExpected at line 2, column 1
--- End ---`,
    "Config file at /tmp/rx/cfg/opencode/opencode.json is not valid JSON(C):",
  ],
  [
    "Amp 0.0.1790142911 whose cache folder cannot be made",
    `12:56:59.237 ERR  CLI Error {
  error: 212 | \${o.app.url}
213 | \`),$l()}),e.command("list <workspace>").description("List apps in a workspace")
217 | \`),$l()})}function Xxt(){d4=process.hrtime.bigint()}

ENOENT: no such file or directory, mkdir '/proc/1/none/.cache/amp'
    path: "/proc/1/none/.cache/amp",
 syscall: "mkdir",
   errno: -2,
    code: "ENOENT"

      at mkdirSync (unknown:1:1)
      at YeH (/$bunfs/root/amp-linux-x64:217:4846)
      at /$bunfs/root/amp-linux-x64:9146:5139
,
  name: "Error",
  message: "ENOENT: no such file or directory, mkdir '/proc/1/none/.cache/amp'",
  stack: "Error: ENOENT: no such file or directory, mkdir '/proc/1/none/.cache/amp'",
  threadId: undefined,
}
Error: Unexpected error inside Amp CLI.`,
    "ENOENT: no such file or directory, mkdir '/proc/1/none/.cache/amp'",
  ],
  [
    "a library that Amp 0.0.1790142911 cannot open",
    `error: /$bunfs/root/keyring.linux-x64-gnu-e0fcxyp1.node: cannot open shared object file: Too many open files
 code: "ERR_DLOPEN_FAILED"

      at <anonymous> (/$bunfs/root/amp-linux-x64:2:885)

Bun v1.4.1 (Linux x64)`,
    "/$bunfs/root/keyring.linux-x64-gnu-e0fcxyp1.node: cannot open shared object file: Too many open files",
  ],
  [
    "Claude Code 2.1.332 with too little memory",
    `============================================================
\u001b[0m\u001b[2mBun v1.4.6 (358d8293c) Linux x64
Linux Kernel v6.18.44 | glibc v2.36
CPU: sse42 popcnt avx avx2
Args: "/agents/claude" "--version"

Elapsed: 3ms | User: 0ms | Sys: 5ms
RSS: 5.94 MB | Peak: 6.1 MB | Commit: 3.28 MB | Faults: 3
\u001b[0m
oh no\u001b[0m\u001b[2m:\u001b[0m Bun has run out of memory.

To send a redacted crash report to Bun's team,
please file a GitHub issue using the link below:

 https://bun.report/1.4.6/la1358d829AggggE+7vsn0E`,
    "oh no: Bun has run out of memory.",
  ],
  [
    "OpenCode 1.18.33 at its limit of open files",
    `============================================================
Bun v1.3.14 (0d9b296a) Linux x64 (baseline)
Features: jsc standalone_executable 
Elapsed: 7ms | User: 2ms | Sys: 5ms

panic(main thread): us_create_timer: returned null: 24
oh no: Bun has crashed. This indicates a bug in Bun, not your code.
`,
    "panic(main thread): us_create_timer: returned null: 24",
  ],
  [
    "Codex 0.171.0 whose home cannot be made",
    `WARNING: proceeding, even though we could not create PATH aliases: No such file or directory (os error 2)
Error: failed to initialize sqlite state runtime under /proc/1/none/.codex: failed to initialize state runtime at /proc/1/none/.codex: No such file or directory (os error 2)`,
    "failed to initialize sqlite state runtime under /proc/1/none/.codex: failed to initialize state runtime at /proc/1/none/.codex: No such file or directory (os error 2)",
  ],
  [
    "Codex 0.171.0 at its limit of open files",
    `WARNING: proceeding, even though we could not create PATH aliases: Refusing to create helper binaries
Error: No file descriptors available (os error 24)

Stack backtrace:
   0: <unknown>
   1: <unknown>`,
    "No file descriptors available (os error 24)",
  ],
  [
    "a panic of Rust",
    `
thread 'main' (31498) panicked at p.rs:1:75:
called \`Result::unwrap()\` on an \`Err\` value: "cannot open state"
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
    'called `Result::unwrap()` on an `Err` value: "cannot open state" (panicked at p.rs:1:75)',
  ],
  [
    "a panic of Rust with a backtrace",
    `thread 'main' (31499) panicked at p.rs:1:75:
called \`Result::unwrap()\` on an \`Err\` value: "cannot open state"
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616/library/std/src/panicking.rs:689:5
   3: p::main
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
    'called `Result::unwrap()` on an `Err` value: "cannot open state" (panicked at p.rs:1:75)',
  ],
  [
    "the loader of glibc",
    "./lmain: error while loading shared libraries: libf.so: cannot open shared object file: No such file or directory",
    "./lmain: error while loading shared libraries: libf.so: cannot open shared object file: No such file or directory",
  ],
  [
    "Node 24 without memory",
    "<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xe1\nAborted\n",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ],
  [
    "Node 24 that throws a text",
    "node:internal/process\ndisk full\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\nNode.js v24.21.0\n",
    "disk full",
  ],
  ["a progress bar", "progress 1%\rprogress 2%\rError: disk quota\n", "disk quota"],
  ["an output of other lines", "starting\nit will not do\n\n", "it will not do"],
  ["a warning alone", "Warning: no key\n", "Warning: no key"],
  ["no output", "", ""],
];

it.each(outputs)("errorLine finds the reason in the output of %s", (_, output, reason) => {
  expect(errorLine(output.split("\n"))).toBe(reason);
});
