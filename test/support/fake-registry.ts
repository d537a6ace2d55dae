import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTarball, type TarballEntry } from "./tarball.ts";

/** What the registry does wrong when it is asked for a path that matches. */
export type Fault =
  | { kind: "status"; status: number }
  | { kind: "body"; body: string }
  | { kind: "redirect"; to: string }
  /** One byte of the tarball is another one. */
  | { kind: "altered" }
  /** Half of the tarball, said to be all of it. */
  | { kind: "truncated" }
  /** The connection breaks after half of the tarball. */
  | { kind: "cut" }
  /** The connection breaks after so many bytes of what was asked for. */
  | { kind: "portion"; bytes: number }
  /** Half of the tarball, then silence until `until` resolves, then the rest. */
  | { kind: "stalled"; until: Promise<unknown> }
  /** No answer at all. */
  | { kind: "silent" };

export interface PublishOptions {
  entries?: readonly TarballEntry[];
  optionalDependencies?: Record<string, string>;
  /** Tags that point to this version; by default `latest`. */
  tags?: readonly string[];
  integrity?: string | null;
  /** Where the metadata says that the tarball is. */
  tarballUrl?: string;
}

export interface RegistryOptions {
  tls?: { key: string; cert: string };
  /** How others reach it, where that is not its address on loopback. */
  publicUrl?: string;
  /** Whether a part of a file can be asked for; true by default. */
  ranges?: boolean;
}

interface Version {
  tarball: Buffer;
  sha512: string;
  manifest: Record<string, unknown>;
}

/** An npm registry on loopback, with packages made by the test and faults at its wish. */
export class FakeRegistry implements AsyncDisposable {
  /** Paths asked for, oldest first. */
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** The parts of tarballs that were asked for; undefined for a whole one. */
  readonly ranges: (string | undefined)[] = [];
  readonly #server: ReturnType<typeof createServer>;
  readonly #publicUrl: string | undefined;
  readonly #knowsRanges: boolean;
  readonly #packages = new Map<
    string,
    { tags: Record<string, string>; versions: Map<string, Version> }
  >();
  readonly #faults: { path: RegExp; fault: Fault; times: number }[] = [];

  private constructor({ tls, publicUrl, ranges = true }: RegistryOptions) {
    const listener = (request: IncomingMessage, response: ServerResponse) =>
      void this.#answer(request, response);
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
    this.#publicUrl = publicUrl;
    this.#knowsRanges = ranges;
  }

  static async start(options: RegistryOptions = {}): Promise<FakeRegistry> {
    const registry = new FakeRegistry(options);
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    return registry;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return this.#publicUrl ?? `http://127.0.0.1:${this.port}/`;
  }

  publish(name: string, version: string, options: PublishOptions = {}): void {
    const { entries = [], optionalDependencies, tags = ["latest"] } = options;
    const tarball = makeTarball(entries);
    const sha512 = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const integrity = options.integrity === undefined ? sha512 : options.integrity;
    const path = `${name}/-/${name.replace(/.*\//, "")}-${version}.tgz`;
    const dist = {
      tarball: options.tarballUrl ?? this.url + path,
      ...(integrity !== null && { integrity }),
    };
    const found = this.#packages.get(name) ?? { tags: {}, versions: new Map<string, Version>() };
    for (const tag of tags) found.tags[tag] = version;
    found.versions.set(version, {
      tarball,
      sha512,
      manifest: { name, version, optionalDependencies, dist },
    });
    this.#packages.set(name, found);
  }

  /** The true integrity of a tarball. */
  integrity(name: string, version: string): string {
    return this.#packages.get(name)?.versions.get(version)?.sha512 ?? "";
  }

  unpublish(name: string, version: string): void {
    this.#packages.get(name)?.versions.delete(version);
  }

  /** The next `times` requests whose decoded path matches go wrong; `heal` ends that. */
  break(path: RegExp, fault: Fault, times: number = Infinity): void {
    this.#faults.unshift({ path, fault, times });
  }

  heal(): void {
    this.#faults.length = 0;
  }

  /** How often a tarball was asked for. */
  get downloads(): number {
    return this.requests.filter((path) => path.endsWith(".tgz")).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? "/").replace(/^https?:\/\/[^/]*/, "");
    this.requests.push(path);
    this.authorizations.push(request.headers.authorization);
    const { range } = request.headers;
    if (path.endsWith(".tgz")) this.ranges.push(range);
    const body = this.#find(path.slice(1));
    const part = body && this.#part(body, range);
    const fault = this.#takeFault(path);
    if (fault?.kind === "portion" && part) {
      part.head(response).write(part.content.subarray(0, fault.bytes));
      // The pause is part of the fault: a client may drop unread bytes when it sees the end.
      await sleep(100);
      return void response.destroy();
    }
    if (fault) return await misbehave(response, fault, body ?? Buffer.alloc(0));
    if (!part) return void response.writeHead(404).end('{"error":"not found"}');
    part.head(response).end(part.content);
  }

  #takeFault(path: string): Fault | undefined {
    const found = this.#faults.find((fault) => fault.times > 0 && fault.path.test(path));
    if (found) found.times -= 1;
    return found?.fault;
  }

  /** What is sent of a file, and the head of the answer. */
  #part(body: Buffer, range: string | undefined) {
    const from = this.#knowsRanges ? Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0) : 0;
    const content = body.subarray(from);
    const headers = {
      "content-length": content.length,
      ...(from > 0 && { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }),
    };
    const head = (response: ServerResponse) => response.writeHead(from > 0 ? 206 : 200, headers);
    return { head, content };
  }

  #find(path: string): Buffer | undefined {
    const [name = "", file] = path.split("/-/");
    const found = this.#packages.get(name);
    if (!found) return undefined;
    if (file === undefined) {
      const versions = [...found.versions].map(([version, { manifest }]) => [version, manifest]);
      const document = { name, "dist-tags": found.tags, versions: Object.fromEntries(versions) };
      return Buffer.from(JSON.stringify(document));
    }
    const version = file.slice(name.replace(/.*\//, "").length + 1, -".tgz".length);
    return found.versions.get(version)?.tarball;
  }
}

async function misbehave(response: ServerResponse, fault: Fault, body: Buffer): Promise<void> {
  const half = body.subarray(0, Math.trunc(body.length / 2));
  const announced = { "content-length": body.length };
  switch (fault.kind) {
    case "status":
      response.writeHead(fault.status).end();
      return;
    case "body":
      response.end(fault.body);
      return;
    case "redirect":
      response.writeHead(302, { location: fault.to }).end();
      return;
    case "altered": {
      const altered = Buffer.from(body);
      altered.writeUInt8(
        altered.readUInt8(Math.trunc(altered.length / 2)) ^ 1,
        Math.trunc(altered.length / 2),
      );
      response.writeHead(200, announced).end(altered);
      return;
    }
    case "truncated":
      response.writeHead(200, { "content-length": half.length }).end(half);
      return;
    case "cut":
      response.writeHead(200, announced).write(half, () => response.destroy());
      return;
    case "stalled":
      response.writeHead(200, announced).write(half);
      await fault.until;
      response.end(body.subarray(half.length));
      return;
    // Of a file that is not there no portion can be sent.
    case "portion":
    case "silent":
  }
}
