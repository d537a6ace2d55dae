import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One end of a WebSocket that a client has asked for: texts in, texts out. */
export class WebSocketPeer {
  /** Resolves when nothing more comes. */
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  #received = Buffer.alloc(0);
  /** The frames of a message that is not complete. */
  #pieces: Buffer[] = [];

  /** Accepts the upgrade; `onText` takes each message. */
  constructor(request: IncomingMessage, socket: Duplex, onText: (text: string) => void) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    const key = String(request.headers["sec-websocket-key"]);
    const [protocol] = (request.headers["sec-websocket-protocol"] ?? "").split(",");
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${createHash("sha1")
        .update(key + GUID)
        .digest("base64")}`,
      ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol.trim()}`] : []),
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    // A client that is killed resets the connection.
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.#take(chunk, onText));
  }

  /** Sends one text; nothing happens when the client has gone. */
  send(text: string): void {
    this.#frame(TEXT, Buffer.from(text));
  }

  /** Breaks the connection without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer, onText: (text: string) => void): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const frame = firstFrame(this.#received);
      if (!frame) return;
      this.#received = this.#received.subarray(frame.length);
      if (frame.code === CLOSE) {
        this.#frame(CLOSE, frame.payload.subarray(0, 2));
        this.#socket.end();
      } else if (frame.code === PING) {
        this.#frame(PONG, frame.payload);
      } else if (frame.code !== PONG) {
        this.#pieces.push(frame.payload);
        if (!frame.final) continue;
        onText(Buffer.concat(this.#pieces.splice(0)).toString());
      }
    }
  }

  #frame(code: number, payload: Buffer): void {
    if (this.#socket.writable) this.#socket.write(Buffer.concat([header(code, payload), payload]));
  }
}

interface Frame {
  final: boolean;
  code: number;
  payload: Buffer;
  /** All of the frame, in bytes. */
  length: number;
}

/** The frame that the bytes begin with, as a client sends them: masked. Undefined while it is not all there. */
function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start + 4) return undefined;
  const size =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const length = start + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, length));
  for (let at = 0; at < size; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0);
  const first = bytes.readUInt8(0);
  return { final: (first & 0x80) !== 0, code: first & 0x0f, payload, length };
}

function header(code: number, { length }: Buffer): Buffer {
  const first = 0x80 | code;
  if (length < 126) return Buffer.from([first, length]);
  if (length < 1 << 16) return Buffer.from([first, 126, length >> 8, length & 0xff]);
  const long = Buffer.from([first, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}
