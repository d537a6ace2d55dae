import type { Route } from "./route.ts";
import { agentRoutes } from "./routes/agents.ts";
import { descriptionRoute } from "./routes/description.ts";
import { eventRoutes } from "./routes/events.ts";
import { messageRoutes } from "./routes/messages.ts";
import { metaRoutes } from "./routes/meta.ts";
import { permissionRoutes } from "./routes/permissions.ts";
import { questionRoutes } from "./routes/questions.ts";
import { sessionRoutes } from "./routes/sessions.ts";

/** Every route of the API. */
export function allRoutes(): Route[] {
  const routes = [
    ...metaRoutes,
    ...agentRoutes,
    ...sessionRoutes,
    ...messageRoutes,
    ...eventRoutes,
    ...questionRoutes,
    ...permissionRoutes,
  ];
  return [...routes, descriptionRoute(routes)];
}
