import {
  AgentInstallRequest,
  AgentListResponse,
  AgentModelsResponse,
  AgentModesResponse,
} from "../../schema/agent.ts";
import { DoctorQuery, DoctorReport } from "../../schema/doctor.ts";
import { agentPath } from "../path-params.ts";
import { json, none, type Route, route } from "../route.ts";

export const agentRoutes: Route[] = [
  route({
    method: "get",
    path: "/v1/agents",
    tag: "agents",
    id: "list_agents",
    summary: "All agents, installed or not",
    params: none,
    query: none,
    body: none,
    answers: { 200: json(AgentListResponse, "The agents, always in the same order.") },
    problems: [],
    handle: async ({ parts }) => ({ agents: await parts.catalog.list() }),
  }),
  route({
    method: "post",
    path: "/v1/agents/{agent}/install",
    tag: "agents",
    id: "install_agent",
    summary: "Install an agent, and wait until it is there",
    params: agentPath,
    query: none,
    body: AgentInstallRequest,
    answers: { 204: { description: "It is installed." } },
    problems: ["unsupported_agent", "install_failed", "agent_not_installed"],
    async handle({ params, body, parts }) {
      await parts.catalog.install(params.agent, { reinstall: body.reinstall ?? false });
    },
  }),
  route({
    method: "get",
    path: "/v1/agents/{agent}/modes",
    tag: "agents",
    id: "get_agent_modes",
    summary: "The modes that a session of this agent can have",
    params: agentPath,
    query: none,
    body: none,
    answers: { 200: json(AgentModesResponse, "The modes.") },
    problems: ["unsupported_agent"],
    handle: ({ params, parts }) => parts.catalog.modes(params.agent),
  }),
  route({
    method: "get",
    path: "/v1/agents/{agent}/models",
    tag: "agents",
    id: "get_agent_models",
    summary: "The models that this agent offers",
    params: agentPath,
    query: none,
    body: none,
    answers: { 200: json(AgentModelsResponse, "The models.") },
    problems: ["unsupported_agent", "stream_error"],
    handle: ({ params, parts }) => parts.catalog.models(params.agent),
  }),
  route({
    method: "get",
    path: "/v1/agents/{agent}/doctor",
    tag: "agents",
    id: "examine_agent",
    summary: "Whether this agent can work here, and the cure of what is wrong",
    params: agentPath,
    query: DoctorQuery,
    body: none,
    answers: { 200: json(DoctorReport, "What was found, also where something is wrong.") },
    problems: ["unsupported_agent"],
    handle: ({ params, query, parts }) =>
      parts.catalog.examine(params.agent, { checkKey: query.checkKey === "true" }),
  }),
];
