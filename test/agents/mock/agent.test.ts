import { expect, it } from "vitest";
import { createMockAgent } from "../../../src/agents/mock/index.ts";

it("is described as in the reference", async () => {
  const agent = createMockAgent();
  expect(agent.id).toBe("mock");
  const { sharedProcess, ...rest } = agent.capabilities;
  expect(sharedProcess).toBe(false);
  expect(Object.values(rest)).toEqual(Array.from({ length: 17 }, () => true));
  expect(agent.modes.map(({ id, name }) => [id, name])).toEqual([
    ["build", "Build"],
    ["plan", "Plan"],
  ]);
  expect(agent.permissionModes).toEqual({
    default: "default",
    plan: "plan",
    bypass: "bypass",
    acceptEdits: "default",
  });
  expect(agent.defaultModel).toBe("mock");
  const nothing = { executable: undefined, env: {}, directory: "/", startChild: () => never() };
  expect(await agent.models(nothing)).toEqual({
    models: [{ id: "mock", name: "Mock" }],
    defaultModel: "mock",
  });
});

function never(): never {
  throw new Error("the mock agent starts no process");
}
