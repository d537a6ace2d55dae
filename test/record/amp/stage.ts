import { writeFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tinyServer } from "../../support/agents/mcp.ts";
import { AmpCli } from "../../support/amp/cli.ts";
import { type AmpServer, startAmpServer } from "../../support/amp/server.ts";
import { realAgent } from "../../support/real-agents.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

/** The settings of one process. */
interface ProcessOptions {
  readonly args?: readonly string[];
  readonly key?: string;
  /** Rules that replace the one that delegates every tool. */
  readonly rules?: readonly object[];
  /** The words with which the delegate rejects; without them it allows. */
  readonly rejection?: string;
}

/** A home and a scripted server, in which a scenario starts its processes. */
export class AmpStage implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly server: AmpServer;
  /** The processes by the name of their recording. */
  readonly processes = new Map<string, AmpCli>();
  readonly #path: string;
  readonly #owned: AsyncDisposableStack;

  private constructor(
    path: string,
    { home, server }: { home: TemporaryHome; server: AmpServer },
    owned: AsyncDisposableStack,
  ) {
    this.#path = path;
    this.home = home;
    this.server = server;
    this.#owned = owned;
  }

  static async open(): Promise<AmpStage> {
    const { path } = await realAgent("amp");
    await using owned = new AsyncDisposableStack();
    const home = owned.use(await temporaryHome());
    const server = owned.use(await startAmpServer());
    return new AmpStage(path, { home, server }, owned.move());
  }

  /** Starts a process; the conversation becomes a recording. */
  start(recording: string, options: ProcessOptions = {}): AmpCli {
    const { args = [], key, rules, rejection } = options;
    const program = join(this.home.dir, "delegate");
    const ending = rejection === undefined ? "exit 0" : `echo '${rejection}' >&2; exit 2`;
    writeFileSync(program, `#!/bin/sh\ncat > /dev/null\n${ending}\n`, { mode: 0o755 });
    const settings = join(this.home.dir, "settings.json");
    writeFileSync(
      settings,
      JSON.stringify({
        "amp.permissions": rules ?? [{ tool: "*", action: "delegate", to: program }],
        ...(recording === "mcp" && { "amp.mcpServers": { tiny: tinyServer } }),
      }),
    );
    const cli = new AmpCli({
      command: [this.#path],
      home: this.home,
      url: this.server.url,
      args: [...args, `--settings-file=${settings}`],
      ...(key !== undefined && { key }),
    });
    this.processes.set(recording, this.#owned.use(cli));
    return cli;
  }

  /** Waits for the end of a turn. */
  async turnEnd(cli: AmpCli, since = 0): Promise<void> {
    await cli.first(isEnd, since, AbortSignal.timeout(60_000));
  }

  /** Waits for the end of a turn, and ends the input and so the process. */
  async finish(cli: AmpCli, since = 0): Promise<void> {
    await this.turnEnd(cli, since);
    cli.end();
    await cli.exited;
  }

  /** Waits until a command has made a file in the working directory. */
  async made(file: string): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (performance.now() < deadline) {
      const isThere = await access(join(this.home.work, file)).then(
        () => true,
        () => false,
      );
      if (isThere) return;
      await sleep(20);
    }
    throw new Error(`No command has made ${file}.`);
  }

  /** The thread of a process. */
  threadOf({ transcript }: AmpCli): string {
    for (const { line } of transcript) {
      const id = (line as { session_id?: unknown }).session_id;
      if (typeof id === "string") return id;
    }
    throw new Error("The process has printed no thread.");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}

function isEnd({ type, message }: Record<string, unknown>): boolean {
  const stop = (message as { stop_reason?: string } | undefined)?.stop_reason;
  return type === "result" || (type === "assistant" && stop !== "tool_use");
}
