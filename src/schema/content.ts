import { z } from "zod";

export const ReasoningVisibility = z.enum(["public", "private"]).meta({
  id: "ReasoningVisibility",
  description: "Whether the reasoning may be shown to a user.",
});
export type ReasoningVisibility = z.infer<typeof ReasoningVisibility>;

export const FileAction = z.enum(["read", "write", "patch"]).meta({
  id: "FileAction",
  description: "`write`: created or overwritten; `patch`: edited.",
});
export type FileAction = z.infer<typeof FileAction>;

export const PlanEntry = z
  .object({
    content: z.string(),
    status: z.enum(["pending", "in_progress", "completed"]),
    priority: z.string().optional(),
  })
  .meta({ id: "PlanEntry", description: "One step of a plan or todo list." });
export type PlanEntry = z.infer<typeof PlanEntry>;

/** One piece of an item's content; `type` tells which. */
export const ContentPart = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({ type: z.literal("json"), json: z.unknown() }),
    z.object({
      type: z.literal("tool_call"),
      name: z.string(),
      arguments: z.string().meta({ description: "The tool's input as JSON text." }),
      call_id: z.string(),
      mcp: z.object({ server: z.string(), tool: z.string() }).optional(),
    }),
    z.object({
      type: z.literal("tool_result"),
      call_id: z.string(),
      output: z.string(),
      exit_code: z.int().optional(),
      duration_ms: z.number().optional().meta({ description: "Milliseconds." }),
    }),
    z.object({
      type: z.literal("file_ref"),
      path: z.string(),
      action: FileAction,
      diff: z.string().nullable().meta({ description: "Unified diff with file headers." }),
      deleted: z.literal(true).optional(),
    }),
    z.object({ type: z.literal("reasoning"), text: z.string(), visibility: ReasoningVisibility }),
    z.object({ type: z.literal("image"), path: z.string(), mime: z.string().nullable() }),
    z.object({
      type: z.literal("status"),
      label: z.string(),
      detail: z.string().nullable(),
      data: z.unknown().optional(),
    }),
    z.object({ type: z.literal("plan"), entries: z.array(PlanEntry) }),
  ])
  .meta({ id: "ContentPart", description: "One piece of an item's content." });
export type ContentPart = z.infer<typeof ContentPart>;
