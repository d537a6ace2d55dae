import { PermissionReplyRequest } from "../../schema/permission.ts";
import { permissionPath } from "../path-params.ts";
import { orStreamError } from "../problems.ts";
import { REPLY_PROBLEMS } from "../reply-problems.ts";
import { route } from "../route.ts";

export const routes = {
  reply_permission: route({
    summary: "Allow or refuse what the agent wants to do",
    params: permissionPath,
    body: PermissionReplyRequest,
    answers: { 204: { description: "The agent has the reply." } },
    problems: REPLY_PROBLEMS,
    async handle({ params, body, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.replyPermission(params.permission_id, body.reply));
    },
  }),
};
