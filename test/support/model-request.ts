import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().nullish(),
  content: z.unknown().optional(),
});

/** The part of a Messages API request that scripts and asserts look at. */
export const messagesBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  messages: z.array(
    z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) }),
  ),
});

/** A parsed body of `POST /v1/messages`. */
export type MessagesBody = z.infer<typeof messagesBody>;

/** A request as the model server saw it, and the place in a script that answered it. */
export interface ModelRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: MessagesBody;
  /** The name between `@@` in the newest user text that has one. */
  readonly script: string | undefined;
  /** How many assistant replies the conversation holds since that text. */
  readonly step: number;
  /** Which message holds that text: tells the same script at two points of a conversation apart. */
  readonly position: number;
}

/** What the model was told about one of its tool calls. */
export interface ToldResult {
  readonly toolUseId: string;
  readonly text: string;
  readonly isError: boolean;
}

const tag = /@@([\w-]+)@@/g;

/** Finds the script that the newest tagged user text asks for, and how far it has come. */
export function locate(body: MessagesBody): { script?: string; step: number; position: number } {
  let script: string | undefined;
  let step = 0;
  let position = -1;
  let previousRole = "";
  for (const [index, message] of body.messages.entries()) {
    if (message.role === "user") {
      const found = [...textOf(message.content).matchAll(tag)].at(-1)?.[1];
      if (found !== undefined) {
        script = found;
        step = 0;
        position = index;
      }
    } else if (message.role === "assistant" && previousRole !== "assistant") {
      step += 1;
    }
    previousRole = message.role;
  }
  return script === undefined ? { step, position } : { script, step, position };
}

/** The tool results that a conversation carries, oldest first. */
export function toldResults(body: MessagesBody): ToldResult[] {
  return body.messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content
          .filter((block) => block.type === "tool_result")
          .map((block) => ({
            toolUseId: block.tool_use_id ?? "",
            text: textOf(block.content),
            isError: block.is_error === true,
          })),
  );
}

/** The text of a message's or tool result's content; other blocks count as nothing. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const blocks = z.array(block).safeParse(content);
  if (!blocks.success) return "";
  return blocks.data
    .filter(({ type }) => type === "text")
    .map(({ text }) => text ?? "")
    .join("\n");
}
