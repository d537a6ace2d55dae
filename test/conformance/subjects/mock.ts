import { expect } from "vitest";
import { AgentDaemon, type RealAgent } from "../../support/agent-daemon.ts";
import type { Scenario, ScriptedModel, Stage, Subject } from "../contract/scenario.ts";
import { text } from "../../support/model-script.ts";
import { argumentsIn } from "./arguments.ts";
import { because } from "./because.ts";

/** The mock asks no model. */
class NoModel implements ScriptedModel, AsyncDisposable {
  readonly requests = [];
  requestsOf(): never {
    return this.script();
  }
  script(): never {
    throw new Error("The mock has no model.");
  }
  reached(): never {
    return this.script();
  }
  release(): never {
    return this.script();
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

const inside: RealAgent<NoModel> = {
  id: "mock",
  startModel: async () => new NoModel(),
  env: () => ({}),
  secrets: [],
  kind: null,
  process: "none",
};

/** Lets a mock's command play, and looks at what it has told. */
function shows(
  command: string,
  title: string,
  proves: NonNullable<Scenario["proves"]>,
  look: (session: Parameters<Parameters<Stage["session"]>[1]>[0]) => void,
): Scenario {
  return {
    id: `mock.${command}`,
    title,
    proves,
    play: (stage) =>
      stage.session("text", async (session) => {
        expect(await session.run(command)).toMatchObject({ status: "completed" });
        look(session);
      }),
  };
}

const own: Scenario[] = [
  shows("markdown", "a document streams", ["streamingDeltas"], (session) => {
    const deltas = session.of("item.delta").filter(({ synthetic }) => !synthetic);
    expect(deltas).toHaveLength(8);
  }),
  shows("image", "an image is told", ["images"], (session) => {
    expect(session.parts("image")).toMatchObject([{ mime: "image/png" }]);
  }),
  shows("status", "a status is told as it changes", ["status"], (session) => {
    expect(session.parts("status")).toMatchObject([{ label: "Indexing", detail: "Done" }]);
  }),
  {
    id: "mock.permission",
    title: "a permission is asked for, and the turn ends when it is answered",
    proves: ["permissions"],
    play: (stage) =>
      stage.session("bash", async (session) => {
        const turn = await session.send(stage.message("bash"));
        await session.reply("once");
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("permission.resolved")).toMatchObject([{ data: { status: "accept" } }]);
      }),
  },
  {
    id: "mock.question",
    title: "a question is asked, and the turn ends when it is answered",
    proves: ["questions"],
    play: (stage) =>
      stage.session("ask", async (session) => {
        const turn = await session.send(stage.message("ask"));
        await session.answer([["Yes"]]);
        expect(await session.turnEnded(turn)).toMatchObject({ status: "completed" });
        expect(session.of("question.resolved")).toMatchObject([
          { data: { status: "answered", response: "Yes" } },
        ]);
      }),
  },
  {
    id: "mock.plan",
    title: "a session can be in the modes named plan",
    proves: ["planMode"],
    play: (stage) =>
      stage.session(
        "text",
        async (session) => {
          expect(await session.run("hello")).toMatchObject({ status: "completed" });
          expect(await session.info()).toMatchObject({
            agentMode: "plan",
            permissionMode: "plan",
          });
        },
        { agentMode: "plan", permissionMode: "plan" },
      ),
  },
];

const noModel = "it asks no model";
const runsNothing = "it tells what an agent would, and does nothing";
const ownWords = "its own commands show this instead";
const noProcess = "it is part of the daemon";

/** The agent inside the daemon, whose own tests stand in `test/agents/mock`. */
export const mock: Subject = {
  id: "mock",
  concurrency: 8,
  start: (surroundings) => AgentDaemon.start(inside, { args: argumentsIn(surroundings) }),
  acts: {
    text: { message: "Hello from the scripted model." },
    slow: { message: "markdown" },
    bash: { message: "List files in the current directory using available tools." },
    ask: {
      message:
        "Call the AskUserQuestion tool with exactly one yes/no question and wait for a reply. Do not answer yourself.",
    },
  },
  command: (command) => text(command),
  actions: { command: "command_execution", edit: "file_change" },
  model: "mock",
  cannot: {
    ...because(
      noModel,
      "turn.memory",
      "turn.usage",
      "turn.cost",
      "turn.queue",
      "turn.image",
      "turn.attachment",
      "turn.model",
      "turn.effort",
      "turn.length",
      "turn.refusal",
      "interrupt.speaking",
      "interrupt.thinking",
      "interrupt.first",
      "interrupt.later",
      "interrupt.queue",
      "interrupt.next",
      "end.starting",
      "end.delete",
      "failure.e400",
      "failure.e401",
      "failure.e429",
      "failure.e500",
      "failure.overload",
      "failure.drop",
      "failure.cut",
      "failure.malformed",
      "failure.toolong",
      "failure.e429recovers",
      "failure.e500recovers",
      "failure.cutrecovers",
      "failure.retry",
      "failure.interrupted",
      "failure.keyless",
    ),
    ...because(
      runsNothing,
      "files.texts",
      "files.names",
      "files.overwritten",
      "files.links",
      "files.linkedDirectory",
      "files.recreated",
      "files.images",
      "permission.pairs",
      "permission.parallel",
      "permission.acceptEdits",
      "command.always",
      "command.always.session",
      "command.reject",
      "command.parallel",
      "command.fails",
      "command.streams",
      "command.bypass",
      "command.env",
      "command.directories",
      "command.deadline.reject",
      "file.edit",
      "file.asked",
      "file.acceptEdits",
      "file.plan",
      "plan.approved",
      "plan.rejected",
      "tool.mcp",
      "tool.mcp.rejected",
      "tool.image",
      "tool.todo",
      "tool.subagent",
      "tool.subagent.asks",
      "interrupt.command",
      "end.command",
    ),
    ...because(
      ownWords,
      "turn.deltas",
      "turn.blocks",
      "turn.reasoning",
      "command.once",
      "file.write",
      "question.answered",
    ),
    ...because(
      noProcess,
      "turn.process",
      "process.killed",
      "process.killed.command",
      "process.killed.permission",
      "process.stopped",
      "process.shared",
      "process.idle",
      "process.idle.race",
      "process.idle.permission",
      "process.idle.setsid",
      "process.idle.nohup",
      "process.daemon",
    ),
  },
  own,
  claims: {
    reasoning: "`test/agents/mock/contents.test.ts`",
    toolCalls: "`test/agents/mock/contents.test.ts`; as the reference, results name no parent",
    toolResults: "as for tool calls",
    fileChanges: "as for tool calls",
    commandExecution: "as the reference: it asks for a command, and runs none",
    fileAttachments: "as the reference: a file is named in the echo",
    errorEvents: "`test/agents/mock/contents.test.ts`; its `error` also says what is no event",
    mcpTools: "as the reference",
  },
};
