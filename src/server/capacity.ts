/** The most connections that are ever useful; each costs memory. */
const MOST_CONNECTIONS = 100_000;

/** The part of the limit of open files for clients. */
export interface Capacity {
  connections: number;
  /** Of the connections: the others can always make a request. */
  streams: number;
}

/**
 * Divides the limit of open files between clients and the daemon's own work: its files, and the pipes
 * of agents. At 64 that is 24 connections with 16 streams, at 1024 it is 768 with 672.
 */
export function capacityOf(openFiles: number): Capacity {
  const reserve = Math.min(Math.max(openFiles / 4, 40), 1024);
  const room = Math.max(openFiles - reserve, 4);
  const connections = Math.min(Math.floor(room), MOST_CONNECTIONS);
  return { connections, streams: streamsOf(connections) };
}

/** The number of connections that may be event streams. */
export function streamsOf(connections: number): number {
  const others = Math.max(Math.ceil(connections / 8), Math.min(8, Math.ceil(connections / 2)));
  return connections - others;
}
