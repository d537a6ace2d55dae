import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

const block = z.looseObject({ type: z.string(), text: z.string().optional() });

/** A message of a thread, as the backend keeps it. */
export const threadMessage = z.looseObject({
  role: z.enum(["user", "assistant"]),
  messageId: z.string(),
  content: z.array(block),
});
export type ThreadMessage = z.infer<typeof threadMessage>;

/** What the model of a thread is asked, and the place in a script that answers it. */
export interface AmpRequest {
  readonly headers: IncomingHttpHeaders;
  readonly threadId: string;
  /** The agent mode of the thread: what the CLI was given by `-m`. */
  readonly mode: string;
  /** Names of the tools that the CLI offers to run. */
  readonly tools: readonly string[];
  readonly messages: readonly ThreadMessage[];
  /** The name between `@@` in the newest user text that has one. */
  readonly script: string | undefined;
  /** How many answers of the model the thread holds since that text. */
  readonly step: number;
  /** Which message holds that text: tells the same script at two points of a thread apart. */
  readonly position: number;
}

/** What the model was told about one of its tool calls. */
export interface ToldRun {
  readonly toolUseId: string;
  /** `done`, `error`, `rejected-by-user`, `cancelled`... */
  readonly status: string;
  /** All that was said of it, as JSON. */
  readonly text: string;
}

const tag = /@@([\w-]+)@@/g;

/** Finds the script that the newest tagged user text asks for, and how far it has come. */
export function locate(messages: readonly ThreadMessage[]): {
  script: string | undefined;
  step: number;
  position: number;
} {
  let script: string | undefined;
  let step = 0;
  let position = -1;
  for (const [index, { role, content }] of messages.entries()) {
    if (role === "assistant") step += 1;
    const text = content.map(({ text }) => text ?? "").join("\n");
    const found = role === "user" ? [...text.matchAll(tag)].at(-1)?.[1] : undefined;
    if (found === undefined) continue;
    script = found;
    step = 0;
    position = index;
  }
  return { script, step, position };
}
