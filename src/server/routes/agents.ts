import { json, route } from "../route.ts";

/** Programs ask for this first of all, and often: it draws in no schema. */
const listResponse = async () => (await import("../../schema/agent.ts")).AgentListResponse;

export const routes = {
  list_agents: route({
    summary: "All agents, installed or not",
    answers: { 200: json(listResponse, "The agents, always in the same order.") },
    problems: [],
    handle: async ({ parts }) => ({ agents: await parts.catalog.list() }),
  }),
};
