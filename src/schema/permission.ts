import { z } from "zod";

export const PermissionReply = z
  .enum(["once", "always", "reject"])
  .meta({ id: "PermissionReply", description: "`always` holds for this session only." });
export type PermissionReply = z.infer<typeof PermissionReply>;

export const PermissionReplyRequest = z
  .object({ reply: PermissionReply })
  .meta({ id: "PermissionReplyRequest" });
export type PermissionReplyRequest = z.infer<typeof PermissionReplyRequest>;

export const PermissionStatus = z
  .enum(["requested", "accept", "accept_for_session", "reject"])
  .meta({ id: "PermissionStatus" });
export type PermissionStatus = z.infer<typeof PermissionStatus>;

export const PermissionEventData = z
  .object({
    permission_id: z.string(),
    action: z.string().meta({ description: "The tool or kind of action that asks." }),
    status: PermissionStatus,
    metadata: z.record(z.string(), z.unknown()).nullable().meta({
      description:
        "`tool`, `input`, `call_id`, `item_id`, `command`, `paths`, `diff`, `reason`, `background` (asked beside turns), and what the agent adds. On resolved, `reason` is `timeout`, `interrupted`, `terminated` or `remembered` where nobody replied.",
    }),
  })
  .meta({ id: "PermissionEventData" });
export type PermissionEventData = z.infer<typeof PermissionEventData>;
