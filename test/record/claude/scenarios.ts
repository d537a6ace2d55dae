import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { tinyServer } from "../../support/agents/mcp.ts";
import type { ModelServer } from "../../support/model-server.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { allow, always, choose, deny, hold } from "./answers.ts";
import type { Answer, ClaudeClient, ClaudeLine } from "./client.ts";

/** The process and the scripted model of a scenario that is being played. */
export interface ClaudeStage {
  readonly cli: ClaudeClient;
  readonly model: ModelServer;
}

/** One recording of Claude Code. */
export interface ClaudeScenario {
  /** The messages, each sent when the turn before has ended; ignored when `play` is given. */
  readonly messages?: readonly unknown[];
  /** Sends the messages when more is needed than one turn after another. */
  readonly play?: (stage: ClaudeStage) => Promise<void>;
  /** Replaces `--permission-mode default`. */
  readonly mode?: string;
  readonly args?: readonly string[];
  /** Variables in addition to the common ones; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Files in the working directory. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** The answers to the permission requests, in order; the last one repeats. Allows by default. */
  readonly answers?: readonly Answer[];
  /** Messages of a process before this one, whose session this one resumes. */
  readonly resumes?: readonly string[];
}

const isText = (text: string) => (line: ClaudeLine) =>
  line.type === "stream_event" && JSON.stringify(line).includes(JSON.stringify(text));

const isStarted = ({ type, subtype }: ClaudeLine) =>
  type === "system" && subtype === "task_started";

/** A scenario of one message, which asks for a script. */
const go = (script: string, more: ClaudeScenario = {}): ClaudeScenario => ({
  messages: [`go @@${script}@@`],
  ...more,
});

/** A scenario of one message, which is interrupted when a condition is met. */
const interrupted = (
  script: string,
  isDue: (stage: ClaudeStage) => Promise<unknown>,
  more: ClaudeScenario & { next?: string } = {},
): ClaudeScenario => ({
  ...more,
  async play(stage) {
    const { cli } = stage;
    const message = cli.say(`go @@${script}@@`);
    await isDue(stage);
    await cli.request({ subtype: "interrupt" });
    await cli.turnEnd(message);
    if (more.next !== undefined) await cli.turn(more.next);
  },
});

const afterWord = (word: string) => (stage: ClaudeStage) => stage.cli.first(isText(word));

const todoTools = { CLAUDE_CODE_ENABLE_TODO_TOOLS: "1" };
const notebook = JSON.stringify({
  cells: [
    {
      cell_type: "code",
      id: "c1",
      source: "print(1)\n",
      metadata: {},
      outputs: [],
      execution_count: null,
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const tenLines = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten";
const tiny = JSON.stringify({ mcpServers: { tiny: { type: "stdio", ...tinyServer, env: {} } } });

/** Ends the process in the middle of a text. */
const ended = (signal: NodeJS.Signals): ClaudeScenario => ({
  async play({ cli }) {
    cli.say("go @@hang@@");
    await cli.first(isText("Starting "));
    cli.kill(signal);
    await cli.exited;
  },
});

/** Every recording of Claude Code. */
export const claudeRecordings: Record<string, ClaudeScenario> = {
  text: go("text"),
  "text-no-uuid": {
    async play({ cli }) {
      cli.say("go @@text@@", { identified: false });
      await cli.results(1);
    },
  },
  thinking: go("think"),
  "two-blocks": go("blocks"),
  "two-turns": { messages: ["go @@text@@", "go @@think@@"] },
  image: {
    messages: [
      [
        { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL_PNG } },
        { type: "text", text: "look @@text@@" },
      ],
    ],
  },
  resumed: { resumes: ["go @@text@@"], messages: ["go @@think@@"] },
  "resume-unknown": { args: ["--resume", randomUUID()], play: ({ cli }) => cli.exited },

  "tool-allowed": go("bash"),
  "tool-rejected": go("bash", { answers: [deny("No, thank you.")] }),
  "tool-rejected-stop": go("bash", { answers: [deny("No, thank you.", { interrupt: true })] }),
  "tool-always": go("bashtwice", { answers: [always, allow] }),
  "parallel-tools": go("parallel"),
  "parallel-one-rejected": go("parallel", { answers: [deny("No, thank you."), allow] }),
  "exit-code-3": go("bashfail"),
  "long-output": go("bashout"),
  "slow-command": go("slowcommand"),
  "timeout-command": {
    async play({ cli }) {
      await cli.turn("go @@timeout@@");
      await cli.request({ subtype: "interrupt" });
      cli.end();
      await cli.exited;
    },
  },
  "background-command": {
    async play({ cli }) {
      await cli.turn("go @@background@@");
      await cli.first(inOrder(isTaskEnd, isOwnResult));
    },
  },
  monitor: {
    async play({ cli }) {
      await cli.turn("go @@monitor@@");
      await cli.first(inOrder(isTaskEnd, isOwnResult));
    },
  },
  "write-edit-read": go("write"),
  "overwrite-delete": go("overwrite", { files: { "a.txt": tenLines } }),
  notebook: go("notebook", { files: { "n.ipynb": notebook } }),
  "read-image": go("readimage", { files: { "dot.png": Buffer.from(PIXEL_PNG, "base64") } }),
  mcp: go("mcp", { args: ["--mcp-config", tiny] }),

  todo: go("todo", { env: { ...todoTools, CLAUDE_CODE_ENABLE_TASKS: "0" } }),
  tasks: go("tasks", { env: todoTools }),
  "enter-plan": go("enterplan"),
  "plan-approved": go("plan", { mode: "plan" }),
  "plan-rejected": go("plan", { mode: "plan", answers: [deny("Plan something else.")] }),
  "question-answered": go("ask", {
    answers: [choose({ "Which color?": "Blue", "Which sizes?": "S, L" })],
  }),
  "question-rejected": go("ask", { answers: [deny("The user does not want to answer.")] }),
  cron: {
    async play({ cli }) {
      await cli.turn("go @@cron@@");
      // The job is due every minute, and the CLI delays it by up to a minute.
      await cli.first(inOrder(isCompleted, isCompleted), 180_000);
    },
  },
  wakeup: go("wakeup"),
  "set-mode-and-model": {
    async play({ cli }) {
      await cli.turn("go @@text@@");
      await cli.request({ subtype: "set_permission_mode", mode: "plan" });
      await cli.request({ subtype: "set_model", model: "claude-scripted-2" });
      await cli.turn("go @@text@@");
    },
  },
  "slash-commands": {
    messages: ["/model claude-scripted-2", "go @@text@@", "/cost", "go @@text@@"],
  },
  compacted: { messages: ["go @@text@@", "/compact", "go @@text@@"] },

  subagent: go("subagent"),
  "subagent-forward-text": go("subagent", { args: ["--forward-subagent-text"] }),
  "subagent-permission": go("subagentwrite"),
  "subagent-parallel": {
    args: ["--forward-subagent-text"],
    async play({ cli }) {
      await cli.turn("go @@subagentparallel@@");
      await cli.first(inOrder(isTaskEnd, isTaskEnd, isOwnResult));
    },
  },
  "subagent-background": {
    async play({ cli }) {
      await cli.turn("go @@subagentbackground@@");
      await cli.first(isOwnResult);
    },
  },
  "subagent-background-permission": {
    answers: [hold],
    async play({ cli }) {
      await cli.turn("go @@subagentbackgroundwrite@@");
      const request = await cli.asked();
      await cli.turn("go @@text@@");
      cli.answer(request, allow);
      await cli.first(isOwnResult);
    },
  },
  "subagent-files": {
    args: ["--forward-subagent-text"],
    answers: [hold],
    async play({ cli }) {
      await cli.turn("go @@subagentfiles@@");
      cli.answer(await cli.asked(), allow);
      // The next request finds the input closed.
      cli.end();
      await cli.exited;
    },
  },

  "interrupt-before-init": interrupted("text", () => Promise.resolve()),
  "interrupt-idle": {
    async play({ cli }) {
      await cli.turn("go @@text@@");
      await cli.request({ subtype: "interrupt" });
    },
  },
  "interrupt-streaming": interrupted("hang", afterWord("Starting "), { next: "again @@text@@" }),
  "interrupt-thinking": interrupted("thinkhang", afterWord("Thinking ")),
  "interrupt-permission": interrupted("bash", ({ cli }) => cli.asked(), { answers: [hold] }),
  "interrupt-question": interrupted("ask", ({ cli }) => cli.asked(), { answers: [hold] }),
  "interrupt-tool": interrupted("bashlong", ({ cli }) => cli.first(isStarted), {
    next: "again @@text@@",
  }),
  "interrupt-retrying": interrupted("e500", ({ cli }) =>
    cli.first(({ subtype }) => subtype === "api_retry"),
  ),
  "interrupt-subagent": interrupted("subagenthang", async ({ model }) => {
    await model.reached("sub");
    // The CLI prints nothing of a subagent's stream, whose tokens it counts as they come.
    await sleep(1000);
  }),
  "interrupt-with-queue": {
    async play({ cli }) {
      const first = cli.say("go @@hang@@");
      await cli.first(isText("Starting "));
      const second = cli.say("and @@text@@");
      await cli.first(({ state, command_uuid }) => state === "queued" && command_uuid === second);
      await cli.request({ subtype: "interrupt" });
      await cli.turnEnd(first);
      await cli.turnEnd(second);
    },
  },
  "message-while-streaming": {
    async play({ cli, model }) {
      cli.say("go @@hang@@");
      await cli.first(isText("Starting "));
      const second = cli.say("and @@text@@");
      await cli.first(({ state, command_uuid }) => state === "queued" && command_uuid === second);
      model.release("hang");
      await cli.turnEnd(second);
    },
  },
  "message-while-permission": {
    answers: [hold],
    async play({ cli }) {
      const first = cli.say("go @@bash@@");
      const request = await cli.asked();
      const second = cli.say("and more");
      await cli.first(({ state, command_uuid }) => state === "queued" && command_uuid === second);
      cli.answer(request, allow);
      await cli.turnEnd(first);
    },
  },
  killed: ended("SIGKILL"),
  terminated: ended("SIGTERM"),

  "no-auth": go("text", { env: { ANTHROPIC_API_KEY: undefined } }),
  "error-400": go("e400"),
  "error-401": go("e401"),
  "error-403": go("e403"),
  "error-429": go("e429"),
  "error-429-recovers": go("e429recovers"),
  "error-500": go("e500"),
  "error-500-recovers": go("e500recovers"),
  "error-529": go("e529"),
  "error-too-long": go("toolong"),
  "error-too-long-compacted": { messages: ["go @@text@@", "go @@toolong@@"] },
  "connection-dropped": go("drop"),
  cut: go("cut"),
  "cut-recovers": go("cutrecovers"),
  "cut-after-tool": go("cuttool"),
  malformed: go("malformed"),
  "malformed-recovers": go("malformedrecovers"),
  "stream-error": go("overloaded"),
  "stream-error-recovers": go("overloadedrecovers"),
  "max-tokens": go("maxtokens"),
  "max-tokens-recovers": go("maxtokensonce"),
  refusal: go("refusal"),
  "refusal-recovers": go("refusalonce"),
};

/** Accepts the line at which the last of several conditions is met, one after another. */
function inOrder(...conditions: ((line: ClaudeLine) => boolean)[]): (line: ClaudeLine) => boolean {
  let met = 0;
  return (line) => {
    if (conditions[met]?.(line)) met += 1;
    return met === conditions.length;
  };
}

/** The end of a message, also of a message that the CLI has sent to itself. */
function isCompleted({ state }: ClaudeLine): boolean {
  return state === "completed";
}

/** The end of a task in the background. */
function isTaskEnd({ type, subtype }: ClaudeLine): boolean {
  return type === "system" && subtype === "task_notification";
}

/** The result of a turn that the CLI has started without a message. Empty results are skipped. */
function isOwnResult(line: ClaudeLine): boolean {
  return line.type === "result" && line["origin"] !== undefined && line["result"] !== "";
}
