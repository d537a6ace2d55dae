import { expect, it } from "vitest";
import { mcpServers, toMcpTool } from "../../../src/agents/opencode/mcp.ts";

it.each([
  ["tiny_echo", { server: "tiny", tool: "echo" }],
  ["tiny_two_echo", { server: "tiny_two", tool: "echo" }],
  ["a_b_c_look_up", { server: "a.b c", tool: "look_up" }],
  ["tiny_", undefined],
  ["bash", undefined],
])("the tool %s is that of the server whose name it begins with", (name, tool) => {
  expect(toMcpTool(name, ["tiny", "tiny_two", "a.b c"])).toEqual(tool);
});

it("the servers are those that the configuration names", () => {
  expect(mcpServers({ mcp: { tiny: { type: "local" }, other: {} } })).toEqual(["tiny", "other"]);
  for (const config of [undefined, {}, { mcp: null }, []]) expect(mcpServers(config)).toEqual([]);
});
