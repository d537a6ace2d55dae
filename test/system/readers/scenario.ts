import { execa } from "execa";
import { expect } from "vitest";
import { SandboxAgent } from "../../../src/index.ts";
import type { EventsResponse } from "../../../src/schema/event.ts";
import { CuttingProxy } from "../../support/cutting-proxy.ts";

/** A session, as a reader finds it. */
export interface Target {
  url: string;
  session: string;
}

/** A client: returns the JSON of each event of the session, and then that of a page of all events. */
export type Reader = (target: Target) => Promise<readonly string[]>;

/** All that ends a line for some reader: of Python's `splitlines`, of JavaScript, of RFC 8259 and of HTML. */
const LINE_ENDS = "\n \r \r\n \v \f \u001C \u001D \u001E \u0085 \u2028 \u2029";

/** Characters of 1 to 4 bytes, those that some decoders drop, and text that looks like the stream's own. */
const TEXT = `✓ naïve 日本語 😀 \u0000\u001B\u007F\uFEFF\uFFFD\\u2028 ${LINE_ENDS} \n\ndata: {"x":1}\n\nid: 7\n: !`;

const MIB = 2 ** 20;
/** No two parts of it are the same, and the pieces in which it comes end within characters. */
const LONG = Array.from({ length: MIB / 16 }, (_, n) => `${String(n).padStart(7, "0")}é✓😀`).join(
  "",
);

const MESSAGES = [TEXT, LONG, "the last ✓"];

/** In the second of the long events, which come twice as the user's and three times as the agent's. */
const CUT_AFTER_BYTES = MIB * 1.5;

/**
 * Lets a client read a session from its start to its end, over a connection that breaks off once, and
 * expects that it has seen every event once with the exact text.
 */
export async function expectWholeSession(daemonUrl: string, reader: Reader): Promise<void> {
  await using proxy = await CuttingProxy.start(daemonUrl, (stream) =>
    stream === 1 ? { kind: "cut", afterBytes: CUT_AFTER_BYTES } : undefined,
  );
  const client = await SandboxAgent.connect({ baseUrl: daemonUrl });
  const session = await client.openSession({ agent: "mock" });
  const reading = reader({ url: proxy.url, session: session.id });
  const talking = (async () => {
    for (const message of MESSAGES) {
      for await (const { type } of session.prompt(message)) if (type === "turn.ended") break;
    }
    await session.terminate();
  })();
  const [lines] = await Promise.all([reading, talking]);
  const page = await client.getEvents(session.id);
  expect(said(page)).toEqual(MESSAGES);
  const seen: unknown[] = lines.map((line) => JSON.parse(line));
  // The difference of long texts takes long to print.
  const summary = page.events.map(({ sequence, type }) => `${sequence} ${type}`);
  expect(seen.slice(0, -1).map(summarised)).toEqual(summary);
  expect(JSON.stringify(seen.slice(0, -1)) === JSON.stringify(page.events)).toBe(true);
  expect(JSON.stringify(seen.at(-1)) === JSON.stringify(page)).toBe(true);
  expect(proxy.streams).toBeGreaterThan(1);
  await client.deleteSession(session.id);
}

function said({ events }: EventsResponse): string[] {
  return events.flatMap(({ type, data }) =>
    type === "item.completed" && data.item.role === "assistant"
      ? data.item.content.flatMap((part) => (part.type === "text" ? [part.text] : []))
      : [],
  );
}

function summarised(event: unknown): string {
  return typeof event === "object" && event !== null && "sequence" in event && "type" in event
    ? `${String(event.sequence)} ${String(event.type)}`
    : "(no event)";
}

/** How a program is started; the URL and the session come after its arguments. */
export interface Command {
  file: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** A client that is a program and prints one line for each event, and one for the page. */
export function programReader({ file, args = [], env = {} }: Command): Reader {
  return async ({ url, session }) => {
    const { stdout } = await execa(file, [...args, url, session], {
      env,
      extendEnv: false,
      timeout: 100_000,
      maxBuffer: 64 * MIB,
    });
    return stdout.split("\n");
  };
}
