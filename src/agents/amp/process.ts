import type { OpenOptions } from "../agent.ts";
import type { Child, Exit } from "../../io/child.ts";
import type { LeftBehind } from "../../io/left-behind.ts";
import type { Line } from "../../io/lines.ts";
import type { Leave } from "./exit.ts";
import { launchArguments, launchEnvironment, type Launch } from "./launch.ts";

/** How the login begins (0.0.1790142911 and 0.0.1769425000). */
const NO_KEY = "No API key found";

/** What an Amp process is started with. */
export interface AmpProcessOptions extends Pick<OpenOptions, "directory" | "env" | "startChild"> {
  executable: string;
  launch: Launch;
  /** Takes what is printed, chunk by chunk, but for what belongs to a login. */
  onLines: (lines: Line[]) => void;
}

/** One running Amp: lines in, lines out. */
export class AmpProcess {
  readonly exited: Promise<Exit>;
  readonly #child: Child;
  readonly #resumed: boolean;
  #leaving = false;
  #spoke = false;
  #keyless = false;

  constructor({ executable, launch, directory, env, startChild, onLines }: AmpProcessOptions) {
    this.#resumed = launch.threadId !== null;
    this.#child = startChild({
      file: executable,
      args: launchArguments(launch),
      cwd: directory,
      env: launchEnvironment(env),
      stdin: "pipe",
      onLines: (lines) => this.#hear(lines, onLines),
    });
    this.exited = this.#child.exited;
  }

  /** Whether it takes messages: it is neither on its way out nor gone. */
  get running(): boolean {
    return !this.#leaving && this.#child.running;
  }

  /** Whether processes run that its commands have left behind. */
  async hasLeftBehind(): Promise<boolean> {
    return (await this.#child.leftBehind()).length > 0;
  }

  /** The processes left behind that were ended together with it. */
  get endedLeftBehind(): readonly LeftBehind[] {
    return this.#child.endedLeftBehind;
  }

  /** It is on its way out: it takes no more messages. */
  leave(): void {
    this.#leaving = true;
  }

  /** Hands over a message; resolves when the system has taken it. */
  write(content: object[]): Promise<void> {
    return this.#child.write(JSON.stringify({ type: "user", message: { role: "user", content } }));
  }

  /** Stops its turn: it tells the server so and leaves, in 0.1 s (0.0.1790142911). */
  interrupt(): void {
    this.#leaving = true;
    this.#child.signal("SIGINT");
  }

  /** Ends the process and all it has started; it may first take `graceMs` to leave by itself. */
  async end(graceMs: number): Promise<void> {
    this.#leaving = true;
    await this.#child.end({ graceMs });
    await this.exited;
  }

  /** How it went, once it has gone. */
  async left(): Promise<Leave> {
    const exit = await this.exited;
    const stderr = this.#child.stderr.toJSON();
    return { exit, stderr, keyless: this.#keyless, spoke: this.#spoke, resumed: this.#resumed };
  }

  /** Without a key a login follows as plain text, with an address that is a secret. */
  #hear(lines: Line[], onLines: (lines: Line[]) => void): void {
    const login = lines.findIndex((line) => typeof line === "string" && line.startsWith(NO_KEY));
    const heard = this.#keyless ? [] : login < 0 ? lines : lines.slice(0, login);
    if (login >= 0 && !this.#keyless) {
      this.#keyless = true;
      this.#leaving = true;
      // It waits for a code that nobody will type.
      this.#child.signal("SIGKILL");
    }
    this.#spoke ||= heard.length > 0;
    onLines(heard);
  }
}
