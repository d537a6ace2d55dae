import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenOptions } from "../agent.ts";
import { AskSocket, type SocketQuestion } from "../../io/ask-socket.ts";
import { createProgram, type ProgramFile } from "../../io/program-file.ts";
import { shellQuote } from "../../io/shell-quote.ts";
import { askingSettings, overridingFile, userSettings } from "./settings.ts";

type Options = Pick<
  OpenOptions,
  "self" | "env" | "directory" | "childGroup" | "installDir" | "repositorySettings"
>;

/**
 * What makes Amp ask us: settings that name a program of ours, and the socket on which it passes
 * the question on. `amp.permissions` takes one path without arguments, so the program is a script
 * that starts our own executable in its hidden mode.
 */
export class Delegate implements AsyncDisposable {
  readonly #socket: AskSocket;
  readonly #program: ProgramFile;
  readonly #options: Options;

  private constructor(socket: AskSocket, program: ProgramFile, options: Options) {
    this.#socket = socket;
    this.#program = program;
    this.#options = options;
  }

  /** Opens one; `onQuestion` must not throw. */
  static async open(
    options: Options,
    onQuestion: (question: SocketQuestion) => void,
  ): Promise<Delegate> {
    const socket = await AskSocket.open(onQuestion, options.childGroup);
    try {
      const { installDir, childGroup: group, self } = options;
      const { file, args } = self(["delegate", socket.folder]);
      const program = await createProgram("delegate", script([file, ...args]), {
        installDir,
        group,
      });
      return new Delegate(socket, program, options);
    } catch (cause) {
      await socket[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /**
   * Rejects where the directory would make Amp run its tools without asking; it may have come to do
   * so since the process was started.
   */
  async check(): Promise<void> {
    const path = await overridingFile(this.#options.directory);
    if (path === undefined) return;
    throw new Error(
      `${path} decides which tools Amp runs in this directory, and Amp takes it instead of the session's permission mode: remove amp.permissions and amp.dangerouslyAllowAll from it, or use permission mode bypass`,
    );
  }

  /** Writes the settings for the next process, and gives where they are. */
  async settingsFile(): Promise<string> {
    const path = join(this.#socket.folder, "settings.json");
    const { env, repositorySettings } = this.#options;
    const trustsNone = repositorySettings === "ignore";
    const settings = askingSettings(await userSettings(env), this.#program.path, trustsNone);
    const mode = this.#socket.modes.file;
    await writeFile(path, JSON.stringify(settings), { mode });
    await chmod(path, mode);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
    await this.#program[Symbol.asyncDispose]();
  }
}

/**
 * Exit code 1 would mean "ask the user", which the older CLI does for ever; so whatever is not 0
 * becomes 2, which rejects. A program that leaves its input unread makes the CLI wait for ever
 * (0.0.1790142911). The session's options for a runtime are not for ours.
 */
function script(command: readonly string[]): string {
  const words = command.map(shellQuote).join(" ");
  const lines = ["#!/bin/sh", "unset NODE_OPTIONS BUN_OPTIONS", `${words} && exit 0`];
  return [...lines, "cat > /dev/null", "exit 2", ""].join("\n");
}
