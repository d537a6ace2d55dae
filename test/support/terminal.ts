import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { type Program, program, shellCommand } from "./program.ts";
import type { TemporaryHome } from "./sandbox.ts";

const patienceMs = 60_000;

/** The program in a real pseudo-terminal, with somebody who types. */
export interface Terminal extends AsyncDisposable {
  /** What stands on it, as it was written. */
  raw(): string;
  /** What stands on it, without colours and carriage returns. */
  text(): string;
  /** Waits until it shows a text that was not there when last waited for. */
  until(text: string): Promise<void>;
  /** Types, as a keyboard would: `\x03` is Ctrl-C, `\x04` Ctrl-D, `\r` Enter. */
  type(keys: string): void;
  /** Closes the window: whoever still runs in it is told by SIGHUP. */
  close(): Promise<void>;
  /** The exit code of the program. */
  readonly exited: Promise<number>;
}

/** What is started in a terminal. */
export interface TerminalOptions {
  home: TemporaryHome;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** The executable; by default the program that is tested. */
  entry?: Program;
}

/** Starts the program in a terminal that `script` makes, which every Debian has. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { home, args, env = {}, entry = program } = options;
  const child = spawn("script", ["-qefc", `exec ${shellCommand(entry, ...args)}`, "/dev/null"], {
    cwd: home.work,
    env: { TERM: "xterm-256color", SHELL: "/bin/sh", ...home.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => Number(code));
  let raw = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    raw += chunk;
  });
  const text = () => stripVTControlCharacters(raw).replaceAll("\r", "");
  let seen = 0;
  return {
    exited,
    raw: () => raw,
    text,
    type: (keys) => void child.stdin.write(keys),
    async until(awaited) {
      const deadline = AbortSignal.timeout(patienceMs);
      while (!text().slice(seen).includes(awaited)) {
        if (deadline.aborted || child.exitCode !== null) {
          throw new Error(`The terminal never showed ${JSON.stringify(awaited)}:\n${text()}`);
        }
        await sleep(20);
      }
      seen = text().indexOf(awaited, seen) + awaited.length;
    },
    async close() {
      child.kill("SIGKILL");
      await exited;
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}
