import { z } from "zod";
import { ContentPart } from "./content.ts";

export const ItemKind = z
  .enum(["message", "tool_call", "tool_result", "system", "status", "unknown"])
  .meta({ id: "ItemKind" });
export type ItemKind = z.infer<typeof ItemKind>;

export const ItemRole = z.enum(["user", "assistant", "system", "tool"]).meta({ id: "ItemRole" });
export type ItemRole = z.infer<typeof ItemRole>;

export const ItemStatus = z.enum(["in_progress", "completed", "failed"]).meta({ id: "ItemStatus" });
export type ItemStatus = z.infer<typeof ItemStatus>;

/** One thing said or done in a session: a message's content block, a tool call, its result, a notice. */
export const UniversalItem = z
  .object({
    item_id: z.string().meta({ description: "`itm_<n>`, unique within the session." }),
    native_item_id: z
      .string()
      .nullable()
      .meta({ description: "`<message id>:<index>` of a content block; a tool call's own id." }),
    parent_id: z.string().nullable().meta({
      description: "A result's call; the call that started the subagent an item belongs to.",
    }),
    kind: ItemKind,
    role: ItemRole.nullable(),
    content: z.array(ContentPart),
    status: ItemStatus,
    subagent: z.object({ id: z.string(), name: z.string().optional() }).optional(),
  })
  .meta({ id: "UniversalItem", description: "One thing said or done in a session." });
export type UniversalItem = z.infer<typeof UniversalItem>;
