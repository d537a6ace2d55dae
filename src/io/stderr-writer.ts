import { constants, fstatSync, openSync, write, writeSync } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";

/** A way to write to stderr that does not block. */
export interface StderrWriter {
  /** Resolves with how many bytes were taken; rejects with the system's error, `EAGAIN` of a full pipe. */
  write: (bytes: Uint8Array) => Promise<number>;
  /** Writes bytes when the process ends. Undefined if such a write might block. */
  writeLast: ((bytes: Uint8Array) => number) | undefined;
}

const STDERR = 2;
const writeInThread = promisify(write);

/**
 * Opens stderr for writes that do not block. A pipe or terminal is opened once more through /proc (Linux),
 * so that only this descriptor is non-blocking and other processes that share stderr are not affected. A
 * socket cannot be opened again. Node sets it to non-blocking for every process that shares it, and Bun
 * waits for it in its own writer. Any other kind is written by another thread.
 */
export function openStderr(): StderrWriter {
  const kind = fstatSync(STDERR);
  if (kind.isFile()) return inThread(true);
  const fd = reopened() ?? (kind.isSocket() ? nonBlockingSocket() : undefined);
  if (fd !== undefined) {
    const writeLast = (bytes: Uint8Array) => writeSync(fd, bytes);
    return { write: async (bytes) => writeLast(bytes), writeLast };
  }
  return kind.isSocket() ? bunWriter() : inThread(false);
}

function reopened(): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync(`/proc/self/fd/${STDERR}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** Kept for the life of the process: a handle that is collected closes its descriptor. */
let handle: Socket | undefined;

function nonBlockingSocket(): number | undefined {
  // Bun (1.4) leaves the descriptor blocking.
  if (process.versions["bun"] !== undefined) return undefined;
  handle ??= new Socket({ fd: STDERR, readable: false, writable: true }).unref();
  // A reader that has gone is reported by the write itself.
  handle.on("error", () => {});
  return STDERR;
}

function inThread(isFile: boolean): StderrWriter {
  return {
    write: async (bytes) => (await writeInThread(STDERR, bytes)).bytesWritten,
    writeLast: isFile ? (bytes) => writeSync(STDERR, bytes) : undefined,
  };
}

/** The part of Bun that is used here. */
interface BunGlobal {
  Bun?: {
    stderr: {
      writer(): { write(bytes: Uint8Array): unknown; flush(): unknown };
    };
  };
}

function bunWriter(): StderrWriter {
  const sink = (globalThis as typeof globalThis & BunGlobal).Bun?.stderr.writer();
  if (!sink) return inThread(false);
  return {
    async write(bytes) {
      await sink.write(bytes);
      await sink.flush();
      return bytes.length;
    },
    // The sink keeps what a full socket does not take, so neither call blocks.
    writeLast(bytes) {
      sink.write(bytes);
      sink.flush();
      return bytes.length;
    },
  };
}
