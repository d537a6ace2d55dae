import { offeredTools } from "./request.ts";
import type { OfferedTool, ResponsesBody } from "./request.ts";

/** A call as the Responses API carries it; only the ids are missing. */
export type ToolCall =
  | { type: "function_call"; name: string; namespace?: string; arguments: string }
  | { type: "custom_tool_call"; name: string; namespace?: string; input: string };

/** A tool that the provider itself runs: what it has done is an item of the answer. */
export interface HostedCall {
  type: `${string}_call`;
  [member: string]: unknown;
}

/** The item of a tool that the provider runs, which is named by its type, such as `web_search_call`. */
export function hostedCall(name: string, input: Record<string, unknown>): HostedCall | undefined {
  return isHosted(name) ? { type: name, ...input } : undefined;
}

function isHosted(name: string): name is HostedCall["type"] {
  return name.endsWith("_call");
}

/**
 * Calls a tool in the form in which the request offers it: as a function, with free text, or, where
 * the model may only write programs, from a program. A name may carry its namespace before a dot.
 */
export function toolCall(
  body: ResponsesBody,
  name: string,
  input: Record<string, unknown>,
): ToolCall {
  const offered = offeredTools(body);
  const own = offered.find((tool) => tool.name === name || fullName(tool) === name);
  if (own) return call(own, input);
  const program = offered.find((tool) => tool.type === "custom" && tool.name === "exec");
  if (program) return call(program, { input: programFor(name, input) });
  // Tools that the model has to look for first are not offered; they can be called all the same.
  const dot = name.lastIndexOf(".");
  const spelled = { type: "function", name: name.slice(dot + 1) };
  return call(dot < 0 ? spelled : { ...spelled, namespace: name.slice(0, dot) }, input);
}

function call({ type, name, namespace }: OfferedTool, input: Record<string, unknown>): ToolCall {
  const called = namespace === undefined ? { name } : { name, namespace };
  return type === "custom"
    ? { type: "custom_tool_call", ...called, input: freeText(input) }
    : { type: "function_call", ...called, arguments: JSON.stringify(input) };
}

function programFor(name: string, input: Record<string, unknown>): string {
  const isFreeText = Object.keys(input).join() === "input";
  const argument = JSON.stringify(isFreeText ? freeText(input) : input);
  return `text(await tools.${name.replaceAll(".", "__")}(${argument}));\n`;
}

function freeText({ input }: Record<string, unknown>): string {
  if (typeof input !== "string") throw new Error("A tool of free text wants { input: string }.");
  return input;
}

function fullName({ namespace, name }: OfferedTool): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}
