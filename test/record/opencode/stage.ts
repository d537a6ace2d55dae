import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { type ModelServer, startModelServer } from "../../support/model-server.ts";
import { Opencode } from "../../support/opencode/client.ts";
import { opencodeScenarios } from "../../support/opencode/scenarios.ts";
import { expectNoProcesses, processesWith } from "../../support/processes.ts";
import { realAgent } from "../../support/real-agents.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

/** The surroundings in which a server is started. */
export interface ServerOptions {
  /** More configuration. */
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** The key of the model; `null` leaves it out. */
  readonly key?: null;
  /** True when no provider is configured. */
  readonly withoutProvider?: boolean;
}

/** The longest pause between the events of a turn and the summary after it (1.18.33): 1.2 s. */
const QUIET_MS = 2000;

/** A time that makes the hash of a commit the same in every run. */
const COMMITTED = "2026-01-01T00:00:00Z";

/** A home and a scripted model, in which a scenario starts its servers. */
export class OpencodeStage implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: ModelServer;
  /** The servers by the name of their recording. */
  readonly servers = new Map<string, Opencode>();
  readonly #owned: AsyncDisposableStack;

  private constructor(home: TemporaryHome, model: ModelServer, owned: AsyncDisposableStack) {
    this.home = home;
    this.model = model;
    this.#owned = owned;
  }

  static async open(): Promise<OpencodeStage> {
    await using owned = new AsyncDisposableStack();
    const home = owned.use(await temporaryHome());
    owned.defer(() => endCommands(home));
    const model = owned.use(await startModelServer({ scripts: opencodeScenarios }));
    return new OpencodeStage(home, model, owned.move());
  }

  /** Starts a server; the conversation becomes a recording. */
  async start(recording: string, options: ServerOptions = {}): Promise<Opencode> {
    const { withoutProvider = false, ...others } = options;
    const server = await Opencode.start({
      path: (await realAgent("opencode")).path,
      home: this.home,
      ...(!withoutProvider && { model: this.model.url }),
      ...others,
    });
    this.servers.set(recording, this.#owned.use(server));
    return server;
  }

  /** Makes a folder in the working directory. */
  async folder(name: string): Promise<string> {
    const path = join(this.home.work, name);
    await mkdir(path);
    return path;
  }

  /** Makes the working directory a repository with one commit. */
  async repository(): Promise<void> {
    const author = { GIT_AUTHOR_NAME: "Dev", GIT_AUTHOR_EMAIL: "dev@example.com" };
    const committer = { GIT_COMMITTER_NAME: "Dev", GIT_COMMITTER_EMAIL: "dev@example.com" };
    const dates = { GIT_AUTHOR_DATE: COMMITTED, GIT_COMMITTER_DATE: COMMITTED };
    const options = {
      cwd: this.home.work,
      env: { ...this.home.env, ...author, ...committer, ...dates },
      extendEnv: false,
    };
    await execa("git", ["init", "--quiet", "--initial-branch=main"], options);
    await execa("git", ["commit", "--quiet", "--allow-empty", "--message=First"], options);
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

  /** Waits until a server sends nothing more: after a turn no event announces the last one. */
  async quiet({ transcript }: Opencode): Promise<void> {
    let count: number;
    do {
      count = transcript.lines.length;
      await sleep(QUIET_MS);
    } while (transcript.lines.length > count);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}

/** Ends the commands that have outlived their server. */
async function endCommands(home: TemporaryHome): Promise<void> {
  for (const { pid } of await processesWith(`HOME=${home.dir}`)) process.kill(pid, "SIGKILL");
  await expectNoProcesses(home.dir);
}
