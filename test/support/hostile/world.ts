import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { shellQuote } from "../../../src/io/shell-quote.ts";
import { hostileFiles, plant } from "./repository.ts";
import type { Files, Traps } from "./traps.ts";

const run = promisify(execFile);

/** Instruction files that an agent reads, in the folder of a session, above it and imported. */
export const INSTRUCTIONS: Files = {
  "CLAUDE.md": "ROOT-CLAUDE\n",
  "AGENTS.md": "ROOT-AGENTS\n",
  "app/CLAUDE.md": "APP-CLAUDE\n\n@docs/style.md\n",
  "app/AGENTS.md": "APP-AGENTS\n",
  "app/docs/style.md": "IMPORTED-STYLE\n\n@deeper.md\n",
  "app/docs/deeper.md": "IMPORTED-DEEPER\n",
};

/**
 * A git repository whose every folder acts against the user who opens it. The session works in its
 * folder `app`, so that the same files also lie in the parent folder.
 */
export class HostileRepository implements AsyncDisposable {
  /** The working directory of a session. */
  readonly directory: string;
  /** The requests to the server that the files name: method, path and headers. */
  readonly received: string[] = [];
  readonly #root: string;
  readonly #markers: string;
  readonly #server = createServer();
  #without: RegExp | undefined;

  private constructor(folder: string, without: RegExp | undefined) {
    this.#without = without;
    this.#root = join(folder, "repository");
    this.directory = join(this.#root, "app");
    this.#markers = join(folder, "markers");
  }

  /** Creates one in a folder, leaving out the hostile files whose paths match `without`. */
  static async create(folder: string, without?: RegExp): Promise<HostileRepository> {
    const repository = new HostileRepository(folder, without);
    await mkdir(repository.#markers, { recursive: true });
    repository.#server.on("request", (request, response) => {
      const { method, url, headers } = request;
      repository.received.push(`${method} ${url} ${JSON.stringify(headers)}`);
      response.writeHead(404).end();
    });
    // A proxy that is asked for a tunnel counts as well.
    repository.#server.on("connect", (request, socket) => {
      repository.received.push(`CONNECT ${request.url} ${JSON.stringify(request.headers)}`);
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    repository.#server.listen(0, "127.0.0.1");
    await once(repository.#server, "listening");
    await plant(repository.#root, INSTRUCTIONS);
    await run("git", ["init", "--quiet", repository.#root]);
    await repository.plant();
    return repository;
  }

  /** Writes the hostile files, now without those whose paths match `without`. */
  async plant(without = this.#without): Promise<void> {
    this.#without = without;
    await plant(this.#root, this.#files("root"));
    await plant(this.directory, this.#files("app"));
    const git = this.#traps("git");
    const config = join(this.#root, ".git/config");
    const settings = {
      "core.fsmonitor": git.touch("fsmonitor"),
      "core.pager": git.touch("pager"),
      "core.sshCommand": git.touch("sshCommand"),
      "diff.external": git.touch("diff"),
      "filter.evil.clean": git.touch("filter"),
    };
    for (const [key, value] of Object.entries(settings)) {
      await run("git", ["config", "--file", config, key, value]);
    }
  }

  /** The names of the commands that have run, sorted. */
  async ran(): Promise<string[]> {
    return (await readdir(this.#markers)).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #files(prefix: string): Files {
    const files = Object.entries(hostileFiles(this.#traps(prefix)));
    return Object.fromEntries(files.filter(([path]) => this.#without?.test(path) !== true));
  }

  #traps(prefix: string): Traps {
    const marker = (name: string) => join(this.#markers, `${prefix}-${name}`);
    return {
      marker,
      touch: (name) => `touch ${shellQuote(marker(name))}`,
      evil: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
    };
  }
}
