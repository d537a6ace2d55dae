import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { execa } from "execa";

/** What goes wrong with a file. */
export type ReleaseFault = "missing" | "altered" | "cut";

/** A host of releases: a folder per version, each with the files of its platforms and their sums. */
export interface ReleaseHost extends AsyncDisposable {
  readonly url: string;
  /** Paths asked for. */
  readonly requests: string[];
  /** Adds a version whose program prints it. */
  publish(version: string, platforms: readonly string[]): Promise<void>;
  /** From now on this goes wrong with every file of a platform. */
  break(fault: ReleaseFault | undefined): void;
  /** From now on every request is redirected to another host; not any more without one. */
  redirect(to: string | undefined): void;
  /** The SHA-256 sum of a file of the newest version. */
  sum(name: string): string;
}

export async function startReleaseHost(): Promise<ReleaseHost> {
  const files = new Map<string, Buffer>();
  const requests: string[] = [];
  let fault: ReleaseFault | undefined;
  let elsewhere: string | undefined;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? "";
    requests.push(path);
    if (elsewhere !== undefined) {
      response.writeHead(302, { location: elsewhere + path }).end();
      return;
    }
    const file = files.get(path);
    const broken = path.endsWith("SHA256SUMS") ? undefined : fault;
    if (file === undefined || broken === "missing") {
      response.writeHead(404).end("not here");
    } else if (broken === "altered") {
      response.end(Buffer.concat([file, Buffer.from("x")]));
    } else if (broken === "cut") {
      response.writeHead(200, { "content-length": file.length });
      response.write(file.subarray(0, file.length / 2), () => response.destroy());
    } else {
      response.end(file);
    }
  };
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async publish(version, platforms) {
      // Bash, so that a test may take /bin/sh away.
      const program = Buffer.from(`#!/bin/bash\necho "sandbox-agent ${version}"\n`);
      const sums: string[] = [];
      for (const platform of platforms) {
        for (const [packing, packed] of await pack(program)) {
          const name = `sandbox-agent-${platform}.${packing}`;
          files.set(`/${version}/${name}`, packed);
          files.set(`/latest/${name}`, packed);
          sums.push(`${sha256(packed)}  ${name}\n`);
        }
      }
      for (const folder of [version, "latest"]) {
        files.set(`/${folder}/SHA256SUMS`, Buffer.from(sums.join("")));
      }
    },
    break(next) {
      fault = next;
    },
    redirect(to) {
      elsewhere = to;
    },
    sum: (name) => sha256(files.get(`/latest/${name}`) ?? Buffer.alloc(0)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function pack(program: Buffer): Promise<[packing: string, packed: Buffer][]> {
  const { stdout } = await execa("xz", ["-c"], { input: program, encoding: "buffer" });
  return [
    ["gz", await promisify(gzip)(program)],
    ["xz", Buffer.from(stdout)],
  ];
}
