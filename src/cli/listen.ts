import { lookup } from "node:dns/promises";
import { errorCode } from "../io/error-code.ts";

/** What is the matter where a server cannot listen, and what helps. */
const TROUBLES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "address already in use: choose another with --port, or --port 0 for any that is free",
  EADDRNOTAVAIL: "address not available on this machine: choose another with --host",
  EACCES: "permission denied: choose a --port that needs no root, from 1024 on",
  ENOTFOUND: "host not found: give an address of this machine with --host",
};

/** Somebody who listens, such as Fastify's app. */
interface Listener {
  listen(where: { host: string; port: number }): Promise<unknown>;
}

/**
 * Has a server listen; rejects with one line that names the address, what is the matter and what helps.
 * The runtimes' own errors do not: Bun's (1.4) name neither the host nor, for some, the reason.
 */
export async function listen(
  server: Listener,
  where: { host: string; port: number },
): Promise<void> {
  try {
    await server.listen(where);
  } catch (cause) {
    const code = (await isUnknown(where.host)) ? "ENOTFOUND" : (errorCode(cause) ?? "");
    const trouble = TROUBLES[code];
    if (trouble === undefined) throw cause;
    throw new Error(`listen ${code} ${addressOf(where)}: ${trouble}`, { cause });
  }
}

/** Whether a host is a name that nobody knows: Bun tells of that as of a socket that is not connected. */
async function isUnknown(host: string): Promise<boolean> {
  return await lookup(host).then(
    () => false,
    () => true,
  );
}

function addressOf({ host, port }: { host: string; port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
