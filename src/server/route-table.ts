import type { Route, RouteModule } from "./route.ts";

/** What the server knows of a route before anybody has asked for it. */
interface Place<Id extends string = string> {
  /** Unique among all routes. */
  id: Id;
  method: "get" | "post" | "delete";
  /** Parameters in braces. */
  path: string;
  /** Asks for no token. */
  isPublic?: true;
  /** Keeps its answer open. */
  isStream?: true;
  /** Starts processes or sends requests to providers, although it only reads. */
  startsWork?: true;
  /** Without it the body of a request is not looked at. */
  takesBody?: true;
}

type Tag = "meta" | "agents" | "sessions";

/** A route by its place; what it does is loaded when it is first asked for. */
export interface RouteEntry extends Place {
  tag: Tag;
  load(): Promise<Route>;
}

/** Every route of the API. */
export const routeTable: readonly RouteEntry[] = [
  ...group("meta", () => import("./routes/meta.ts"), [
    { id: "get_root", method: "get", path: "/", isPublic: true },
    { id: "get_health", method: "get", path: "/v1/health", isPublic: true },
    { id: "get_metrics", method: "get", path: "/metrics" },
  ]),
  ...group("agents", () => import("./routes/agents.ts"), [
    { id: "list_agents", method: "get", path: "/v1/agents" },
  ]),
  ...group("agents", () => import("./routes/agent.ts"), [
    { id: "install_agent", method: "post", path: "/v1/agents/{agent}/install", takesBody: true },
    { id: "get_agent_modes", method: "get", path: "/v1/agents/{agent}/modes", startsWork: true },
    { id: "get_agent_models", method: "get", path: "/v1/agents/{agent}/models", startsWork: true },
    { id: "examine_agent", method: "get", path: "/v1/agents/{agent}/doctor", startsWork: true },
  ]),
  ...group("sessions", () => import("./routes/sessions.ts"), [
    { id: "list_sessions", method: "get", path: "/v1/sessions" },
    { id: "create_session", method: "post", path: "/v1/sessions/{session_id}", takesBody: true },
    { id: "get_session", method: "get", path: "/v1/sessions/{session_id}" },
    { id: "delete_session", method: "delete", path: "/v1/sessions/{session_id}" },
    { id: "interrupt_session", method: "post", path: "/v1/sessions/{session_id}/interrupt" },
    { id: "terminate_session", method: "post", path: "/v1/sessions/{session_id}/terminate" },
  ]),
  ...group("sessions", () => import("./routes/messages.ts"), [
    {
      id: "post_message",
      method: "post",
      path: "/v1/sessions/{session_id}/messages",
      takesBody: true,
    },
    {
      id: "post_message_stream",
      method: "post",
      path: "/v1/sessions/{session_id}/messages/stream",
      isStream: true,
      takesBody: true,
    },
  ]),
  ...group("sessions", () => import("./routes/events.ts"), [
    { id: "get_events", method: "get", path: "/v1/sessions/{session_id}/events" },
    {
      id: "get_events_sse",
      method: "get",
      path: "/v1/sessions/{session_id}/events/sse",
      isStream: true,
    },
  ]),
  ...group("sessions", () => import("./routes/images.ts"), [
    { id: "get_image", method: "get", path: "/v1/sessions/{session_id}/images" },
  ]),
  ...group("sessions", () => import("./routes/questions.ts"), [
    {
      id: "reply_question",
      method: "post",
      path: "/v1/sessions/{session_id}/questions/{question_id}/reply",
      takesBody: true,
    },
    {
      id: "reject_question",
      method: "post",
      path: "/v1/sessions/{session_id}/questions/{question_id}/reject",
    },
  ]),
  ...group("sessions", () => import("./routes/permissions.ts"), [
    {
      id: "reply_permission",
      method: "post",
      path: "/v1/sessions/{session_id}/permissions/{permission_id}/reply",
      takesBody: true,
    },
  ]),
  ...group("meta", () => import("./routes/description.ts"), [
    { id: "get_openapi", method: "get", path: "/openapi.json", isPublic: true },
  ]),
];

/** A route with its place, as the description of the API needs it. */
export type LoadedRoute = RouteEntry & Route;

/** Every route of the API, loaded. */
export async function loadRoutes(): Promise<LoadedRoute[]> {
  return await Promise.all(
    routeTable.map(async (entry) => ({ ...entry, ...(await entry.load()) })),
  );
}

/** The routes of one file. */
function group<Id extends string>(
  tag: Tag,
  load: () => Promise<RouteModule<Id>>,
  places: readonly Place<Id>[],
): RouteEntry[] {
  return places.map((place) => ({
    ...place,
    tag,
    load: async () => (await load()).routes[place.id],
  }));
}
