import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";

// What holds of the turns of every agent is in the contract: here is what is Claude's own.
let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

it("an interrupt ends the turn, not the process", () =>
  claude.session(async (session) => {
    claude.model.script("speaking", [reply([text("Starting "), hold("speaking")])]);
    const turn = await session.send("go @@speaking@@");
    await session.until("item.delta");
    const before = await session.agentProcesses();
    await session.interrupt();
    expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
    expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
    expect(await session.agentProcesses()).toEqual(before);
  }));

it("keeps a tool's input out of the events until it is whole", () =>
  claude.session(async (session) => {
    claude.model.script("half", [
      reply([tool("Bash", { command: "true", description: "Nothing" })]),
      reply("Done."),
    ]);
    expect(await session.run("go @@half@@")).toMatchObject({ status: "completed" });
    const calls = session.of("item.completed").map(({ data }) => data.item);
    expect(calls.find(({ kind }) => kind === "tool_call")?.content).toMatchObject([
      { arguments: '{"command":"true","description":"Nothing"}' },
    ]);
  }));
