import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryParse } from "./bounded-json.ts";
import { LineSplitter } from "./lines.ts";
import { createPrivateFolder, type PrivateModes, privateModes } from "./private-folder.ts";

/** A path that is longer than this is no address of a socket: the system's limit is 103 on macOS. */
const MAX_PATH_BYTES = 100;
const SOCKET = "socket";
const SECRET = "secret";
/** No secret is as long as this: whoever sends more without a line's end is a stranger. */
const SECRET_BYTES = 256;

/** A question that a process asks over the socket, which stays open until it is answered. */
export interface SocketQuestion {
  /** What it has said: a value of JSON. */
  readonly value: unknown;
  /** Aborted when the asking process has gone. */
  readonly gone: AbortSignal;
  /** Gives it an answer; resolves when the system has taken it, rejects when nobody is there to hear it. */
  readonly answer: (value: unknown) => Promise<void>;
}

/**
 * A unix socket on which processes of ours ask questions, one a connection: a line with the secret,
 * then a line of JSON; the answer is a line of JSON. It lies with its secret in a folder that only
 * this user may enter, and whoever does not know the secret is not heard.
 */
export class AskSocket implements AsyncDisposable {
  /** The folder; what else is put into it goes with it. */
  readonly folder: string;
  /** The modes of the files in it. */
  readonly modes: PrivateModes;
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #secret = randomBytes(32).toString("hex");
  readonly #sockets = new Set<Socket>();
  readonly #onQuestion: (question: SocketQuestion) => void;

  private constructor(group: number | undefined, onQuestion: (question: SocketQuestion) => void) {
    this.folder = createSocketFolder(group);
    this.modes = privateModes(group);
    this.#onQuestion = onQuestion;
  }

  /** Opens a socket for this user, or also for a `group`; `onQuestion` must not throw. */
  static async open(
    onQuestion: (question: SocketQuestion) => void,
    group?: number,
  ): Promise<AskSocket> {
    const socket = new AskSocket(group, onQuestion);
    const { folder, modes } = socket;
    try {
      const secret = join(folder, SECRET);
      await writeFile(secret, socket.#secret, { mode: modes.file });
      await chmod(secret, modes.file);
      const path = join(folder, SOCKET);
      socket.#server.listen(path);
      await once(socket.#server, "listening");
      // To connect to a socket is to write to it.
      await chmod(path, group === undefined ? 0o600 : 0o660);
      return socket;
    } catch (cause) {
      await socket[Symbol.asyncDispose]();
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const address: AddressInfo | string | null = this.#server.address();
    if (address !== null) {
      this.#server.close();
      await once(this.#server, "close");
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    const lines = new LineSplitter();
    let known = false;
    let received = 0;
    const gone = new AbortController();
    this.#sockets.add(socket);
    // Whoever is killed resets the connection.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      for (const line of lines.push(chunk)) {
        if (!known && !this.#isSecret(line)) return void socket.destroy();
        if (!known) known = true;
        else this.#hear(line, socket, gone.signal);
      }
      if (!known && received > SECRET_BYTES) socket.destroy();
    });
  }

  #isSecret(line: unknown): boolean {
    return typeof line === "string" && timingSafeEqual(digest(line), digest(this.#secret));
  }

  #hear(line: unknown, socket: Socket, gone: AbortSignal): void {
    const value = typeof line === "string" ? tryParse(line) : undefined;
    if (value === undefined) return void socket.destroy();
    this.#onQuestion({
      value,
      gone,
      answer: (answer) =>
        new Promise((resolve, reject) => {
          if (!socket.writable) return reject(new Error("the process that asked has gone"));
          socket.end(`${JSON.stringify(answer)}\n`, () => resolve());
          socket.once("close", () => reject(new Error("the process that asked has gone")));
        }),
    });
  }
}

/** Asks over the socket in a folder; rejects when nobody answers there. */
export async function askOverSocket(folder: string, question: unknown): Promise<unknown> {
  const secret = await readFile(join(folder, SECRET), "utf8");
  const socket = connect(join(folder, SOCKET));
  const lines = new LineSplitter();
  return await new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("nobody has answered")));
    socket.on("data", (chunk: Buffer) => {
      const [line] = lines.push(chunk);
      if (typeof line === "string") resolve(tryParse(line));
    });
    socket.write(`${secret}\n${JSON.stringify(question)}\n`);
  });
}

/** Creates a private folder whose path is short enough for a socket in it. */
function createSocketFolder(group: number | undefined): string {
  const name = "sandbox-agent-ask-";
  const long = Buffer.byteLength(join(tmpdir(), `${name}XXXXXX`, SOCKET)) > MAX_PATH_BYTES;
  return createPrivateFolder(name, { group, parent: long ? "/tmp" : tmpdir() });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
