import { invalidRequest } from "../../schema/problem.ts";
import {
  CreateSessionRequest,
  CreateSessionResponse,
  SessionInfo,
  SessionListResponse,
} from "../../schema/session.ts";
import { sessionPath } from "../path-params.ts";
import { orStreamError } from "../problems.ts";
import { json, route } from "../route.ts";
import { validationProblem } from "../validation.ts";

export const routes = {
  list_sessions: route({
    summary: "All sessions, the newest first",
    answers: { 200: json(SessionListResponse, "The sessions.") },
    problems: [],
    handle: ({ parts }) => ({ sessions: parts.sessions.list().map(({ info }) => info) }),
  }),
  create_session: route({
    summary: "Create a session; the agent is installed first if it is missing",
    params: sessionPath,
    body: CreateSessionRequest,
    answers: { 200: json(CreateSessionResponse, "The session can be used.") },
    problems: [
      "unsupported_agent",
      "mode_not_supported",
      "session_already_exists",
      "install_failed",
      "storage_failed",
      "agent_not_installed",
      "agent_process_exited",
      "stream_error",
    ],
    async handle({ params, body, parts }) {
      refuseUnsupported(body);
      const session = await orStreamError(parts.sessions.create(params.session_id, body));
      const { nativeSessionId } = session.info;
      return { healthy: true, ...(nativeSessionId !== null && { nativeSessionId }) };
    },
  }),
  get_session: route({
    summary: "What a session is and does",
    params: sessionPath,
    answers: { 200: json(SessionInfo, "The session.") },
    problems: ["session_not_found"],
    handle: ({ params, parts }) => parts.sessions.peek(params.session_id).info,
  }),
  delete_session: route({
    summary: "Terminate a session and forget it with its events; the id is free again",
    params: sessionPath,
    answers: { 204: { description: "It is gone." } },
    problems: ["session_not_found"],
    async handle({ params, parts }) {
      await parts.sessions.delete(params.session_id);
    },
  }),
  interrupt_session: route({
    summary: "Stop the running turn; session and queue stay",
    params: sessionPath,
    answers: { 204: { description: "The turn has ended, or none was running." } },
    problems: ["session_not_found", "stream_error"],
    async handle({ params, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await orStreamError(session.interrupt());
    },
  }),
  terminate_session: route({
    summary: "Stop all work and end a session; its events can still be read",
    params: sessionPath,
    answers: { 204: { description: "It has ended." } },
    problems: ["session_not_found"],
    async handle({ params, parts }) {
      const session = await parts.sessions.get(params.session_id);
      await session.terminate();
    },
  }),
};

function refuseUnsupported({ mcp, skills, env }: CreateSessionRequest): void {
  if (mcp && Object.keys(mcp).length > 0) throw unsupported("mcp");
  if (skills?.sources && skills.sources.length > 0) throw unsupported("skills");
  for (const [name, value] of Object.entries(env ?? {})) {
    // No process can be started with such a variable.
    if (!/^[^=\0]+$/.test(name)) throw invalidRequest("env: a name is empty or has `=` or NUL");
    if (value.includes("\0")) throw invalidRequest(`env: the value of ${name} has NUL in it`);
  }
}

function unsupported(path: string) {
  return validationProblem([{ path, message: "is not supported yet; leave it out or empty" }]);
}
