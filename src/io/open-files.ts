import { readdirSync, readFileSync } from "node:fs";

/** Assumed where the system does not report a limit. */
const USUAL_LIMIT = 1024;
/** Descriptors for the start of a child, including the ones for a short time. */
const CHILD = 8;
/** Descriptors for files that the daemon reads meanwhile. */
const SPARE = 4;

/** The connections of clients, which share the descriptors with the daemon's own work. */
export interface ClientConnections {
  readonly open: number;
  /** Limits connections to `room` descriptors; returns false if that is too few. */
  fitInto(room: number): boolean;
}

/** The descriptors of this process. Connections of clients and pipes of children share them. */
export class OpenFiles {
  /** The most that this process may have. Linux reports the number. */
  readonly limit = readLimit();
  /** Set by the server. */
  connections: ClientConnections | undefined;

  /**
   * The reason not to start one more child. Without descriptors for a connection that waits,
   * Bun (1.4) tries to accept it without end, and uses a whole core for it.
   */
  shortage(): { code: string; message: string } | undefined {
    const used = countUsed();
    if (used === undefined || !this.connections) return undefined;
    const others = used - this.connections.open + CHILD + SPARE;
    if (this.connections.fitInto(this.limit - others)) return undefined;
    const message = `too many open files: ${used} of ${this.limit} are in use, and clients need the others; raise the limit (ulimit -n)`;
    return { code: "EMFILE", message };
  }
}

function readLimit(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? [];
    if (soft === undefined) return USUAL_LIMIT;
    return soft === "unlimited" ? Infinity : Number(soft);
  } catch {
    return USUAL_LIMIT;
  }
}

function countUsed(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}
