import { expect } from "vitest";
import {
  AgentListResponse,
  AgentModelsResponse,
  AgentModesResponse,
} from "../../../src/schema/agent.ts";
import type { Scenario, Stage } from "./scenario.ts";
import { postJson } from "../../support/post-json.ts";

async function ask({ rig }: Stage, path: string): Promise<unknown> {
  const answer = await fetch(`${rig.daemon.url}/v1/agents${path}`);
  expect(answer.status).toBe(200);
  return await answer.json();
}

/** What the API says of the agent. */
export const offers: Scenario[] = [
  {
    id: "offer.agent",
    title: "the agent is listed as installed, with its version",
    async play(stage) {
      const { agents } = AgentListResponse.parse(await ask(stage, ""));
      const found = agents.find(({ id }) => id === stage.subject.id);
      expect(found).toMatchObject({
        installed: true,
        version: expect.stringMatching(/\S/),
      });
    },
  },
  {
    id: "offer.models",
    title: "its models are listed once each, the default among them",
    async play(stage) {
      const path = `/${stage.subject.id}/models`;
      const { models, defaultModel } = AgentModelsResponse.parse(await ask(stage, path));
      const ids = models.map(({ id }) => id);
      expect(ids).toContain(defaultModel);
      expect(new Set(ids).size).toBe(ids.length);
    },
  },
  {
    id: "offer.modes",
    title: "its modes are listed, and a session can have each of them",
    async play(stage) {
      const path = `/${stage.subject.id}/modes`;
      const { modes } = AgentModesResponse.parse(await ask(stage, path));
      expect(modes.map(({ id }) => id)).toContain("build");
      for (const { id, name, description } of modes) {
        expect([name, description]).not.toContain("");
        // Stands for the names of agents that a user has made.
        if (id === "custom") continue;
        await stage.session(
          "text",
          async (session) => {
            expect(await session.info()).toMatchObject({ agentMode: id });
          },
          { agentMode: id },
        );
      }
    },
  },
  {
    id: "offer.permissionModes",
    title: "a permission mode that it does not have is refused by name",
    async play({ rig, subject }) {
      const answer = await postJson(`${rig.daemon.url}/v1/sessions/refused`, {
        agent: subject.id,
        permissionMode: "yolo",
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("yolo") });
    },
  },
];
