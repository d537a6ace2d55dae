import { expect, it } from "vitest";
import { createAmpAgent } from "../../src/agents/amp/index.ts";
import { createMockAgent } from "../../src/agents/mock/index.ts";
import {
  hindranceOf,
  modesOf,
  permissionModesOf,
  variantsOf,
} from "../../src/inspector/new-session/options.ts";
import type { AgentInfo } from "../../src/schema/agent.ts";

const ampAgent = createAmpAgent();
const infoOf = ({ id, capabilities }: Pick<AgentInfo, "id" | "capabilities">): AgentInfo => {
  return { id, capabilities, installed: true, credentialsAvailable: true };
};
const amp = infoOf(ampAgent);
const mock = infoOf(createMockAgent());

it("what an agent cannot do is offered with the reason", () => {
  const reason = "Amp has no plan mode.";
  expect(permissionModesOf(amp).filter(({ unavailable }) => unavailable)).toMatchObject([
    { id: "plan", unavailable: reason },
  ]);
  expect(modesOf(amp, ampAgent.modes).at(-1)).toMatchObject({ id: "plan", unavailable: reason });
  expect(permissionModesOf(mock).some(({ unavailable }) => unavailable)).toBe(false);
});

it("the permission modes that are offered are those that the agents know", () => {
  const offered = permissionModesOf(amp).filter(({ unavailable }) => unavailable === undefined);
  expect(offered.map(({ id }) => id).toSorted()).toEqual(
    Object.keys(ampAgent.permissionModes).toSorted(),
  );
});

it("what stands in the way of a session is told", () => {
  expect(hindranceOf(mock)).toBeUndefined();
  expect(hindranceOf({ ...mock, credentialsAvailable: false })).toContain("No key");
  expect(hindranceOf({ ...mock, installed: false })).toContain("Not installed");
  const install = { phase: "verifying", receivedBytes: 1 } as const;
  expect(hindranceOf({ ...mock, installed: false, install })).toContain("being installed");
});

it("variants are those of the chosen model, else of the default one", () => {
  const models = {
    models: [
      { id: "a", variants: ["low", "high"], defaultVariant: "low" },
      { id: "b", name: "B" },
    ],
    defaultModel: "a",
  };
  const ofDefault = { variants: ["low", "high"], defaultVariant: "low" };
  expect(variantsOf(models, "")).toEqual(ofDefault);
  expect(variantsOf(models, "b")).toEqual({ variants: [], unavailable: "B has no variants." });
  expect(variantsOf(models, "other").unavailable).toContain("Choose a model");
  expect(variantsOf(undefined, "").unavailable).toContain("Choose a model");
});
