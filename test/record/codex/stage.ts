import { access, link, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppServer, type Message } from "../../support/responses/app-server.ts";
import { type ResponsesServer, startResponsesServer } from "../../support/responses/server.ts";
import { realAgent } from "../../support/real-agents.ts";
import { type TemporaryHome, temporaryHome } from "../../support/sandbox.ts";

/** Makes the answer to a request of the server; `undefined` leaves the request open. */
export type Answer = (request: Message) => Record<string, unknown> | undefined;

/** The surroundings in which a server is started. */
export interface ServerOptions {
  /** More settings, as `-c` takes them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The answers to the requests of the server, in order; the last one repeats. Accepts by default. */
  readonly answers?: readonly Answer[];
  /** The key of the model; `null` leaves it out. */
  readonly key?: string | null;
  /** A file of the installation that is missing, relative to its root. */
  readonly without?: string;
  /** True when the kernel denies further namespaces, as in many containers. */
  readonly withoutNamespaces?: boolean;
}

/** Time to wait until the server has registered a command. Observed in 0.171.0: 0.2 s. */
const REGISTERED_MS = 1500;

/** A home and a scripted model, in which a scenario starts its servers. */
export class CodexStage implements AsyncDisposable {
  readonly home: TemporaryHome;
  readonly model: ResponsesServer;
  /** The servers by the name of their recording. */
  readonly servers = new Map<string, AppServer>();
  /** The root of the installation that was used last. */
  root = "";
  readonly #owned: AsyncDisposableStack;

  private constructor(home: TemporaryHome, model: ResponsesServer, owned: AsyncDisposableStack) {
    this.home = home;
    this.model = model;
    this.#owned = owned;
  }

  static async open(): Promise<CodexStage> {
    await using owned = new AsyncDisposableStack();
    const home = owned.use(await temporaryHome());
    const model = owned.use(await startResponsesServer());
    return new CodexStage(home, model, owned.move());
  }

  /** Starts a server and introduces the client; the conversation becomes a recording. */
  async start(recording: string, options: ServerOptions = {}): Promise<AppServer> {
    const { settings = {}, key, answers = [accept] } = options;
    const remaining = [...answers];
    const server = new AppServer({
      path: await this.#executable(options),
      home: this.home,
      baseUrl: this.model.url,
      settings,
      ...(key !== undefined && { key }),
      answer: (request) => {
        const answer = remaining.length > 1 ? remaining.shift() : remaining[0];
        return answer?.(request);
      },
    });
    this.servers.set(recording, this.#owned.use(server));
    await server.initialize();
    return server;
  }

  /** Waits until a command has made a file in the working directory. */
  async made(file: string): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const isThere = await access(join(this.home.work, file)).then(
        () => true,
        () => false,
      );
      if (isThere) return;
      if (performance.now() >= deadline) throw new Error(`No command has made ${file}.`);
      await sleep(20);
    }
  }

  /** Waits until a command that makes a file runs, and is among the server's background terminals. */
  async running(file: string): Promise<void> {
    await this.made(file);
    // No notification announces this, and a request for the list would be recorded.
    await sleep(REGISTERED_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }

  async #executable({ without, withoutNamespaces }: ServerOptions): Promise<string> {
    const { path } = await realAgent("codex");
    this.root = dirname(dirname(path));
    if (without !== undefined) {
      this.root = await mkdtemp(join(this.root, "../incomplete-"));
      this.#owned.defer(() => rm(join(this.root), { recursive: true }));
      await linkTree(dirname(dirname(path)), this.root, join(this.root, without));
    }
    const executable = join(this.root, "bin", basename(path));
    return withoutNamespaces === true ? this.#confined(executable) : executable;
  }

  async #confined(executable: string): Promise<string> {
    const file = join(this.home.dir, "codex");
    const script = `echo 0 > /proc/sys/user/max_user_namespaces; exec ${executable} "$@"`;
    await writeFile(file, `#!/bin/sh\nexec unshare -U -r sh -c '${script}' codex "$@"\n`, {
      mode: 0o755,
    });
    return file;
  }
}

/** Accepts what a server requests. */
export const accept: Answer = ({ method, params }) => {
  switch (method) {
    case "mcpServer/elicitation/request":
      return { action: "accept", content: {}, _meta: null };
    case "item/permissions/requestApproval":
      return { permissions: params?.["permissions"], scope: "turn" };
    default:
      return { decision: "accept" };
  }
};

/** Links every file of a folder into another folder but one, and copies none. */
async function linkTree(from: string, to: string, without: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    if (target === without) continue;
    const source = join(from, entry.name);
    await (entry.isDirectory() ? linkTree(source, target, without) : link(source, target));
  }
}
