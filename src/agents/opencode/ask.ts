import type { PermissionRequest, QuestionRequest } from "../agent.ts";
import { memoryKey } from "../memory-key.ts";
import { PermissionAsked, QuestionAsked } from "./protocol.ts";

/** The call whose input a permission should name and does not (MCP tools, 1.18.33). */
export function unnamedCall(properties: unknown): string | undefined {
  const { metadata, tool } = PermissionAsked.safeParse(properties).data ?? {};
  return metadata && Object.keys(metadata).length === 0 ? tool?.callID : undefined;
}

/**
 * A permission that is asked for; undefined where it cannot be read. `input` is what the tool is called
 * with, where the server does not say it here.
 */
export function toPermission(
  properties: unknown,
  input?: Record<string, unknown>,
): PermissionRequest | undefined {
  const parsed = PermissionAsked.safeParse(properties);
  if (!parsed.success) return undefined;
  const { id, permission, patterns, metadata, tool } = parsed.data;
  const { command, filepath, diff } = metadata;
  return {
    id,
    action: permission,
    // Exactly this: what OpenCode itself would remember is wider, and for every session.
    memoryKey: memoryKey(permission, { patterns, command, diff, input }),
    metadata: {
      ...metadata,
      permission,
      patterns,
      tool: permission,
      input: input ?? metadata,
      ...(tool != null && { call_id: tool.callID }),
      ...(typeof command === "string" && { command }),
      ...(typeof filepath === "string" && { paths: [filepath] }),
    },
  };
}

/** A question that is asked; undefined where it cannot be read. */
export function toQuestion(properties: unknown): QuestionRequest | undefined {
  const parsed = QuestionAsked.safeParse(properties);
  if (!parsed.success) return undefined;
  const { id, questions } = parsed.data;
  return {
    id,
    questions: questions.map(({ question, header, multiple, options }) => ({
      question,
      ...(header != null && { header }),
      multi_select: multiple === true,
      options: options.map(({ label, description }) => ({
        label,
        ...(description != null && { description }),
      })),
    })),
  };
}
