import { expect, it } from "vitest";
import { SandboxAgent } from "../../src/index.ts";
import { listeningApp } from "../support/listening-app.ts";

it("an agent is examined, with its key where that is asked for", async () => {
  const asked: unknown[] = [];
  await using app = await listeningApp({
    catalogOptions: {
      examine: async ({ id }, options) => {
        asked.push(options);
        return { agent: id, status: "ok", checks: [] };
      },
    },
  });
  await using client = await SandboxAgent.connect({ baseUrl: app.url, token: "secret" });
  const report = { agent: "mock", status: "ok", checks: [] };
  expect(await client.getAgentDoctor("mock")).toEqual(report);
  expect(await client.getAgentDoctor("mock", { checkKey: true })).toEqual(report);
  expect(asked).toEqual([{ checkKey: false }, { checkKey: true }]);
  await expect(client.getAgentDoctor("cursor")).rejects.toMatchObject({ status: 400 });
});
