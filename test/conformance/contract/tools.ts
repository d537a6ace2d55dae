import { readdir, readFile } from "node:fs/promises";
import { expect } from "vitest";
import { PIXEL_PNG } from "../../support/pixel.ts";
import type { Scenario } from "./scenario.ts";

/** Tools besides commands and files. */
export const tools: Scenario[] = [
  {
    id: "tool.mcp",
    title: "a tool of an MCP server is told with its server and its result",
    proves: ["mcpTools"],
    play: (stage) =>
      stage.sharedSession("mcp", async (session) => {
        const turn = await session.send(stage.message("mcp"));
        expect(await session.allowAll(turn)).toMatchObject({ status: "completed" });
        expect(session.parts("tool_call")).toMatchObject([
          { mcp: { server: "tiny", tool: "echo" }, arguments: '{"text":"ping"}' },
        ]);
        expect(session.results()[0]?.output).toContain("echo: ping");
      }),
  },
  {
    id: "tool.mcp.rejected",
    title: "a tool of an MCP server is asked for, and rejected it does not run",
    play: (stage) =>
      stage.sharedSession("mcp", async (session) => {
        const turn = await session.send(stage.message("mcp"));
        await session.reply("reject");
        await session.turnEnded(turn);
        const items = session.of("item.completed").map(({ data }) => data.item);
        expect(items.find(({ kind }) => kind === "tool_result")?.status).toBe("failed");
        expect(session.results()[0]?.output).not.toContain("echo: ping");
      }),
  },
  {
    id: "tool.image",
    title: "an image that a tool has made is a file of the session",
    play: (stage) =>
      stage.sharedSession("draw", async (session) => {
        const turn = await session.send(stage.message("draw"));
        expect(await session.allowAll(turn)).toMatchObject({ status: "completed" });
        const [image] = session.parts("image");
        expect(image?.mime).toBe("image/png");
        expect(await readFile(image?.path ?? "", "base64")).toBe(PIXEL_PNG);
      }),
  },
  {
    id: "tool.todo",
    title: "a list of what is to do is a plan part, each time it changes",
    proves: ["status"],
    play: (stage) =>
      stage.sharedSession("todo", async (session) => {
        await session.run(stage.message("todo"));
        const states = session
          .parts("plan")
          .map(({ entries }) =>
            entries.map(({ content, status }) => `${content} ${status}`).join(", "),
          );
        expect(states).toContain("First in_progress, Second pending");
        expect(states.at(-1)).toMatch(/^First completed, Second/);
      }),
  },
  {
    id: "tool.subagent",
    title: "a subagent is told below the call that started it, within one turn",
    play: (stage) =>
      stage.sharedSession("subagent", async (session) => {
        const turn = await session.send(stage.message("subagent"));
        expect(await session.allowAll(turn)).toMatchObject({ status: "completed" });
        const items = session.of("item.completed").map(({ data }) => data.item);
        const below = items.filter(({ subagent }) => subagent !== undefined);
        const call = items.find(({ kind }) => kind === "tool_call");
        expect(JSON.stringify(below)).toContain("Subagent answer 42.");
        expect(new Set(below.map(({ kind }) => kind))).toContain("tool_result");
        expect(below[0]?.parent_id).toBe(call?.item_id);
        expect(session.of("turn.ended")).toHaveLength(1);
      }),
  },
  {
    id: "tool.subagent.asks",
    title: "a subagent asks through the session of its parent",
    play: (stage) =>
      stage.sharedSession("subagentwrite", async (session, directory) => {
        const turn = await session.send(stage.message("subagentwrite"));
        const asked = await session.reply("once");
        expect(asked.metadata?.["command"]).toContain("touch from-sub.txt");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(await readdir(directory)).toEqual(["from-sub.txt"]);
      }),
  },
];
