import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Bell } from "../../src/io/bell.ts";
import { Child, type ChildOptions } from "../../src/io/child.ts";
import type { Line } from "../../src/io/lines.ts";
import { findProcess, isDead } from "../../src/io/process-table.ts";

/** The path of a small executable that misbehaves. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/bin/${name}`, import.meta.url));
}

/** A child that runs a fixture in a folder of its own, with its lines. */
export class FixtureChild implements AsyncDisposable {
  readonly child: Child;
  readonly lines: Line[] = [];
  readonly #bell = new Bell();
  readonly #home = mkdtempSync(join(tmpdir(), "sandbox-agent-test-"));

  constructor(name: string, args: readonly string[] = [], options: Partial<ChildOptions> = {}) {
    const command = /\.(mjs|ts)$/.test(name)
      ? { file: process.execPath, args: [fixture(name), ...args] }
      : { file: fixture(name), args };
    this.child = Child.start({
      ...command,
      cwd: this.#home,
      env: { PATH: "/usr/bin:/bin", HOME: this.#home },
      stdin: "pipe",
      onLines: (lines) => {
        for (const line of lines) this.lines.push(line);
        this.#bell.ring();
      },
      ...options,
    });
  }

  /** The line with this number, as soon as it is there. */
  async line(index: number): Promise<Line> {
    for (;;) {
      const line = this.lines[index];
      if (line !== undefined) return line;
      if ((await this.#bell.wait({ timeoutMs: 20_000 })) === "timeout") {
        throw new Error(`no line ${index}; stderr: ${JSON.stringify(this.child.stderr)}`);
      }
    }
  }

  /** The same, where it is a plain one. */
  async text(index: number): Promise<string> {
    const line = await this.line(index);
    if (typeof line !== "string") throw new Error(`line ${index} is ${line.kind}`);
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.end({ graceMs: 0, termMs: 200 });
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** Whether this pid is a process that has not ended. */
export async function isAlive(pid: number | undefined): Promise<boolean> {
  const entry = pid === undefined ? undefined : await findProcess(pid);
  return entry !== undefined && !isDead(entry);
}
