import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

const content = z.union([
  z.string(),
  z.array(
    z.looseObject({
      type: z.string(),
      text: z.string().optional(),
      encrypted_content: z.string().optional(),
    }),
  ),
]);

const offer = z.looseObject({ type: z.string(), name: z.string().optional() });

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([content, z.null()]).optional(),
  call_id: z.string().optional(),
  output: z.unknown().optional(),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
});

/** The part of a Responses API request that scripts and asserts look at. */
export const responsesBody = z.looseObject({
  model: z.string(),
  stream: z.literal(true),
  instructions: z.string().optional(),
  tools: z.array(z.looseObject({ type: z.string() })).optional(),
  input: z.array(item),
});

/** A parsed body of `POST /v1/responses`. */
export type ResponsesBody = z.infer<typeof responsesBody>;

/** A request as the fake saw it, and the place in a script that answered it. */
export interface ResponsesRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: ResponsesBody;
  /** The name between `@@` in the newest user text that has one. */
  readonly script: string | undefined;
  /** How many answers of the model the conversation holds since that text. */
  readonly step: number;
  /** Which item holds that text: tells the same script at two points of a conversation apart. */
  readonly position: number;
}

/** What the model was told about one of its tool calls. */
export interface ToldOutput {
  readonly callId: string;
  readonly text: string;
}

const tag = /@@([\w-]+)@@/g;

/** Finds the script that the newest tagged user text asks for, and how far it has come. */
export function locate(body: ResponsesBody): { script?: string; step: number; position: number } {
  let script: string | undefined;
  let step = 0;
  let position = -1;
  let isAnswering = false;
  for (const [index, item] of body.input.entries()) {
    const found = isAsking(item) ? [...textOf(item.content).matchAll(tag)].at(-1)?.[1] : undefined;
    if (found !== undefined) {
      script = found;
      step = 0;
      position = index;
    }
    const isAnswer = isOfModel(item);
    if (isAnswer && !isAnswering) step += 1;
    isAnswering = isAnswer;
  }
  return script === undefined ? { step, position } : { script, step, position };
}

/** The outputs of tools that a conversation carries, oldest first. */
export function toldOutputs(body: ResponsesBody): ToldOutput[] {
  return body.input
    .filter(({ type }) => type?.endsWith("_output"))
    .map(({ call_id = "", output }) => ({ callId: call_id, text: textOf(output) }));
}

/** A tool as a request offers it to the model. */
export interface OfferedTool {
  readonly type: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Every tool that a request offers, be it in a namespace or among the input items. */
export function offeredTools({ tools = [], input }: ResponsesBody): OfferedTool[] {
  return [...tools, ...input.flatMap(({ tools = [] }) => tools)].flatMap((tool) => {
    const { type, name = "" } = offer.parse(tool);
    if (type !== "namespace") return [{ type, name }];
    const inner = z.array(offer).safeParse(tool["tools"]).data ?? [];
    return inner.map((each) => ({ type: each.type, name: each.name ?? "", namespace: name }));
  });
}

/** The text of a content or of a tool's output; other parts count as nothing. */
export function textOf(value: unknown): string {
  const { data } = content.safeParse(value);
  if (data === undefined || typeof data === "string") return data ?? "";
  return data.map((part) => part.text ?? part.encrypted_content ?? "").join("\n");
}

/** Whether an item holds what a user wants, or another agent, whose task comes in sealed text. */
function isAsking({ type, role }: z.infer<typeof item>): boolean {
  return role === "user" || type === "agent_message";
}

function isOfModel({ type = "", role }: z.infer<typeof item>): boolean {
  return role === "assistant" || type === "reasoning" || type.endsWith("_call");
}
