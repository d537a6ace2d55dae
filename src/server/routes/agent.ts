import {
  AgentInstallRequest,
  AgentModelsResponse,
  AgentModesResponse,
} from "../../schema/agent.ts";
import { DoctorQuery, DoctorReport } from "../../schema/doctor.ts";
import { agentPath } from "../path-params.ts";
import { json, route } from "../route.ts";

export const routes = {
  install_agent: route({
    summary: "Install an agent, and wait until it is there",
    params: agentPath,
    body: AgentInstallRequest,
    answers: { 204: { description: "It is installed." } },
    problems: ["unsupported_agent", "install_failed", "agent_not_installed", "storage_failed"],
    async handle({ params, body, parts }) {
      await parts.catalog.install(params.agent, { reinstall: body.reinstall ?? false });
    },
  }),
  get_agent_modes: route({
    summary: "The modes that a session of this agent can have",
    params: agentPath,
    answers: { 200: json(AgentModesResponse, "The modes.") },
    problems: ["unsupported_agent", "storage_failed"],
    handle: ({ params, parts }) => parts.catalog.modes(params.agent),
  }),
  get_agent_models: route({
    summary: "The models that this agent offers",
    params: agentPath,
    answers: { 200: json(AgentModelsResponse, "The models.") },
    problems: ["unsupported_agent", "stream_error", "storage_failed"],
    handle: ({ params, parts }) => parts.catalog.models(params.agent),
  }),
  examine_agent: route({
    summary: "Whether this agent can work here, and the cure of what is wrong",
    params: agentPath,
    query: DoctorQuery,
    answers: { 200: json(DoctorReport, "What was found, also where something is wrong.") },
    problems: ["unsupported_agent", "storage_failed"],
    handle: ({ params, query, parts }) =>
      parts.catalog.examine(params.agent, { checkKey: query.checkKey === "true" }),
  }),
};
