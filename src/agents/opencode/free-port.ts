import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { errorCode } from "../../io/error-code.ts";

/**
 * The first and the last port. Linux, macOS and Windows give none of these ports to a socket that
 * asks for any free port (`ip_local_port_range` begins at 32768 on Linux).
 */
const FIRST = 20_000;
const LAST = 32_767;

let next = randomInt(FIRST, LAST + 1);

/**
 * A port on 127.0.0.1 on which nothing listens. The caller cannot keep the port until its child
 * listens on it. The kernel may assign a port of its ephemeral range to any other socket, so
 * this port is of another range. All other ports are returned before a port is returned again.
 *
 * `opencode serve --port 0` takes 4096 if it can (1.18.33).
 */
export async function freePort(): Promise<number> {
  for (let tries = FIRST; tries <= LAST; tries++) {
    const port = next;
    next = port === LAST ? FIRST : port + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`something listens on each port from ${FIRST} to ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    if (errorCode(cause) === "EADDRINUSE" || errorCode(cause) === "EACCES") return false;
    throw cause;
  }
  server.close();
  await once(server, "close");
  return true;
}
