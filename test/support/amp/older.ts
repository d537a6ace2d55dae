import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import type { InstallRecipe } from "../../../src/agents/recipe.ts";
import { Installer } from "../../../src/install/installer.ts";
import { type ModelServer, startModelServer } from "../model-server.ts";
import { reply, text, thinking, tool, type Part, type Script } from "../model-script.ts";
import { npmRegistryEnvironment } from "../npm-registry.ts";

/** The last of the older JavaScript CLI. */
const VERSION = "0.0.1769425000-g1e5104";
const INSTALL_DIR = join(import.meta.dirname, "../../../.cache/older-agents");

/** Our installer fetches it like any other package; its dependency, a key ring, it can do without. */
const recipe: InstallRecipe = {
  metaPackage: "@sourcegraph/amp",
  platformPackage: () => ({
    name: "@sourcegraph/amp",
    versionSuffix: "",
    files: ["dist/", "package.json"],
    executable: "dist/main.js",
  }),
  command: "amp",
  versionArguments: ["--version"],
};

/** A folder for PATH in which `amp` is the older CLI. */
export async function olderAmp(): Promise<string> {
  await using installer = new Installer({
    installDir: INSTALL_DIR,
    env: await npmRegistryEnvironment(),
  });
  const { path } =
    (await installer.find("amp", recipe, VERSION)) ??
    (await installer.install("amp", recipe, { version: VERSION }));
  const folder = join(INSTALL_DIR, "bin");
  await mkdir(folder, { recursive: true });
  const script = `#!/bin/sh\nexec '${process.execPath}' '${path}' "$@"\n`;
  await writeFile(join(folder, "amp"), script);
  await chmod(join(folder, "amp"), 0o755);
  return folder;
}

const user = {
  id: "user_1",
  username: "dev",
  email: "dev@example.com",
  siteAdmin: false,
  features: [],
  team: null,
  mysteriousMessage: null,
};

const done = reply("All done.");

function bash(cmd: string): Part {
  return tool("Bash", { cmd });
}

/** Scripts for the tools of the older CLI, which asks a model of Anthropic's by itself. */
const scenarios: Record<string, Script> = {
  text: [reply("Hello from the scripted model.")],
  think: [reply([thinking("Let me think about this."), text("The answer is 4.")])],
  bash: [reply([text("I will run a command."), bash("echo hi-from-bash && touch made.txt")]), done],
  bashtwice: [
    reply([bash("touch one.txt")]),
    reply([bash("touch one.txt")]),
    reply([bash("touch two.txt")]),
    done,
  ],
  bashfail: [reply([bash("echo to-stdout; exit 3")]), reply("It failed with 3.")],
  bashlong: [reply([bash("touch long.started; while true; do sleep 1; done")]), done],
  parallel: [reply([bash("touch a1"), bash("touch b1")]), done],
};

/** The server of the older CLI: it keeps threads and passes on what the CLI asks its model. */
export class OlderAmpServer implements AsyncDisposable {
  readonly model: ModelServer;
  readonly #threads = new Map<string, unknown>();
  readonly #server = createServer((request, response) => this.#accept(request, response));

  constructor(model: ModelServer) {
    this.model = model;
    // It would like to be told of other clients' changes; it does without.
    this.#server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 404 Not Found\r\n\r\n"));
  }

  /** The base URL, as `AMP_URL` wants it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.model[Symbol.asyncDispose]();
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    buffer(request).then(
      (body) => this.#answer(request, response, body),
      () => response.destroy(),
    );
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = request.url ?? "/";
    if (url.startsWith("/api/provider/anthropic")) return this.#pass(request, response, body);
    const isCall = url.startsWith("/api/internal?");
    const method = url.split("?")[1]?.split("&")[0] ?? "";
    const answer = isCall ? this.#call(method, body.toString()) : {};
    response.statusCode = isCall ? 200 : 404;
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  }

  #call(method: string, body: string): unknown {
    const { params } = call.parse(JSON.parse(body === "" ? "{}" : body));
    switch (method) {
      case "getUserInfo":
        return { ok: true, result: user };
      case "uploadThread":
        if (typeof params.thread === "object") this.#threads.set(params.thread.id, params.thread);
        return { ok: true, result: {} };
      case "getThread": {
        const id = typeof params.thread === "string" ? params.thread : params.threadID;
        const thread = this.#threads.get(id ?? "");
        const error = { code: "thread-not-found", message: "not found" };
        return thread === undefined ? { ok: false, error } : { ok: true, result: { thread } };
      }
      default:
        return { ok: true, result: {} };
    }
  }

  #pass(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const headers = { "content-type": "application/json" };
    const passed = ask(`${this.model.url}/v1/messages`, { method: "POST", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    passed.end(body);
    request.on("error", () => passed.destroy());
  }
}

const call = z.looseObject({
  params: z
    .looseObject({
      thread: z.union([z.string(), z.looseObject({ id: z.string() })]).optional(),
      threadID: z.string().optional(),
    })
    .default({}),
});

/** Starts the server of the older CLI with a scripted model behind it. */
export async function startOlderAmpServer(): Promise<OlderAmpServer> {
  return new OlderAmpServer(await startModelServer({ scripts: scenarios })).listen();
}
