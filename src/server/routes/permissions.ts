import { PermissionReplyRequest } from "../../schema/permission.ts";
import { permissionPath } from "../path-params.ts";
import { orStreamError } from "../problems.ts";
import { route } from "../route.ts";

export const routes = {
  reply_permission: route({
    summary: "Allow or refuse what the agent wants to do",
    params: permissionPath,
    body: PermissionReplyRequest,
    answers: { 204: { description: "The agent has the reply." } },
    problems: [
      "session_not_found",
      "session_ended",
      "already_resolved",
      "stream_error",
      "storage_failed",
    ],
    async handle({ params, body, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.replyPermission(params.permission_id, body.reply));
    },
  }),
};
