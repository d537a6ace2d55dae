import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClaudeDaemon, startClaude } from "../../support/claude-daemon.ts";
import { hold, reply, text, tool } from "../../support/model-script.ts";
import { LaterEvents, shareSession } from "../../support/shared-session.ts";

// What holds of the turns of every agent is in the contract: here is what is Claude's own.
let claude: ClaudeDaemon;

beforeAll(async () => {
  claude = await startClaude();
});

afterAll(() => claude[Symbol.asyncDispose]());

const shared = shareSession(() => claude);

it("an interrupt ends the turn, not the process", async () => {
  const { session } = shared;
  claude.model.script("speaking", [reply([text("Starting "), hold("speaking")])]);
  const turn = await session.send("go @@speaking@@");
  await session.until("item.delta");
  const before = await session.agentProcesses();
  await session.interrupt();
  expect(await session.turnEnded(turn)).toMatchObject({ status: "interrupted" });
  expect(await session.run("and now @@text@@")).toMatchObject({ status: "completed" });
  expect(await session.agentProcesses()).toEqual(before);
});

it("keeps a tool's input out of the events until it is whole", async () => {
  const { session } = shared;
  const later = new LaterEvents(session);
  claude.model.script("half", [
    reply([tool("Bash", { command: "true", description: "Nothing" })]),
    reply("Done."),
  ]);
  expect(await session.run("go @@half@@")).toMatchObject({ status: "completed" });
  const calls = later.items();
  expect(calls.find(({ kind }) => kind === "tool_call")?.content).toMatchObject([
    { arguments: '{"command":"true","description":"Nothing"}' },
  ]);
});
