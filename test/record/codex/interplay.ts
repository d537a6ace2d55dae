import { z } from "zod";
import { accept, type CodexStage } from "./stage.ts";
import { Conversation, itemCompleted, requested, turnOf } from "./conversation.ts";
import { CODE_MODE, type CodexScenario, FULL_ACCESS, OPEN, TINY_SERVER } from "./scenarios.ts";

const THREAD = { approvalPolicy: "untrusted", sandbox: "workspace-write" };
const APPROVAL = "item/commandExecution/requestApproval";
const UNKNOWN_THREAD = "01a20e78-0000-7000-8000-000000000000";
const PROBED_SANDBOX = {
  type: "workspaceWrite",
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
};

/** Starts a thread in a server. */
export async function converse(
  app: Awaited<ReturnType<CodexStage["start"]>>,
  { home }: CodexStage,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Conversation> {
  return new Conversation(app, await app.startThread({ cwd: home.work, ...THREAD, ...more }));
}

const goal: CodexScenario = {
  ...FULL_ACCESS,
  async play(thread) {
    await thread.turn("go @@goal@@");
    await thread.seen("turn/completed", 2);
  },
};

const interruptTool: CodexScenario = {
  async play(thread, stage) {
    await thread.interrupt("bashlong", () => stage.running("long.started"));
    await thread.request("thread/backgroundTerminals/list");
    await thread.request("thread/backgroundTerminals/clean");
    await itemCompleted(thread.app, "commandExecution");
    await thread.request("thread/backgroundTerminals/list");
  },
};

const backgroundInterrupt: CodexScenario = {
  ...FULL_ACCESS,
  async play(thread, stage) {
    await thread.turn("go @@bashyields@@");
    await thread.interrupt("bashlong", () => stage.running("long.started"));
    const { data } = z
      .looseObject({ data: z.array(z.looseObject({ processId: z.string(), command: z.string() })) })
      .parse(await thread.request("thread/backgroundTerminals/list"));
    const interrupted = data.find(({ command }) => command.includes("long.started"));
    const processId = interrupted?.processId ?? "";
    await thread.request("thread/backgroundTerminals/terminate", { processId });
    await itemCompleted(thread.app, "commandExecution");
  },
};

const subagentInterrupt: CodexScenario = {
  ...OPEN,
  async play(thread) {
    let below = { threadId: "", turnId: "" };
    await thread.interrupt("subagentwrite", async () => {
      below = turnOf(await thread.seen(APPROVAL));
    });
    await thread.request("turn/interrupt", below);
    await thread.seen("serverRequest/resolved");
  },
};

const sandboxProbe = (recording: string, withoutNamespaces: boolean): CodexScenario => ({
  async playAll(stage) {
    const app = await stage.start(recording, { withoutNamespaces });
    const command = { command: ["true"], cwd: stage.home.work, sandboxPolicy: PROBED_SANDBOX };
    await requested(app, "command/exec", command);
  },
});

/** The scenarios in which the moment matters, or more than one thread or process takes part. */
export const interplayRecordings: Record<string, CodexScenario> = {
  "interrupt-idle": {
    async play(thread) {
      const turnId = await thread.begin("go @@text@@");
      await thread.end(turnId);
      await thread.request("turn/interrupt", { turnId });
    },
  },
  "interrupt-streaming": {
    async play(thread) {
      await thread.interrupt("hang", () => thread.seen("item/agentMessage/delta"));
      await thread.turn("again @@text@@");
    },
  },
  "interrupt-thinking": {
    play: (thread) =>
      thread.interrupt("thinkhang", () => thread.seen("item/reasoning/summaryTextDelta")),
  },
  "interrupt-permission": {
    ...OPEN,
    async play(thread) {
      await thread.interrupt("bash", () => thread.seen(APPROVAL));
      await thread.seen("serverRequest/resolved");
      await thread.turn("again @@text@@");
    },
  },
  "interrupt-question": {
    ...OPEN,
    async play(thread) {
      await thread.interrupt("ask", () => thread.seen("item/tool/requestUserInput"));
      await thread.seen("serverRequest/resolved");
    },
  },
  "interrupt-retrying": {
    settings: { "model_providers.scripted.stream_max_retries": "20" },
    play: (thread) => thread.interrupt("drop", () => thread.seen("error")),
  },
  "interrupt-tool": {
    async play(thread, stage) {
      await interruptTool.play?.(thread, stage);
      await thread.turn("again @@text@@");
    },
  },
  "codemode-interrupt-tool": { ...CODE_MODE, ...interruptTool },
  "background-interrupt": backgroundInterrupt,
  "codemode-background-interrupt": { ...CODE_MODE, ...backgroundInterrupt },
  "subagent-interrupt": subagentInterrupt,
  "codemode-subagent-interrupt": { ...CODE_MODE, ...subagentInterrupt },
  "mcp-asks-interrupted": {
    ...FULL_ACCESS,
    ...TINY_SERVER,
    answers: [accept, ...OPEN.answers],
    async play(thread) {
      await thread.interrupt("mcpasks", () => thread.seen("mcpServer/elicitation/request", 2));
      await thread.seen("serverRequest/resolved", 2);
    },
  },
  "tool-error-answer": {
    ...OPEN,
    async play(thread) {
      const turnId = await thread.begin("go @@bash@@");
      const { id } = await thread.seen(APPROVAL);
      thread.app.send({ id: id ?? 0, error: { code: -32000, message: "no answer" } });
      await thread.end(turnId);
    },
  },
  "message-while-streaming": {
    async play(thread, { model }) {
      const turnId = await thread.begin("go @@hang@@");
      await thread.seen("item/agentMessage/delta");
      await thread.begin("and @@text@@");
      model.release("hang");
      await thread.end(turnId);
    },
  },
  "message-while-permission": {
    ...OPEN,
    async play(thread) {
      const turnId = await thread.begin("go @@bash@@");
      const { id } = await thread.seen(APPROVAL);
      await thread.begin("and @@text@@");
      thread.app.send({ id: id ?? 0, result: { decision: "accept" } });
      await thread.end(turnId);
    },
  },
  "message-while-tool": {
    async play(thread) {
      const turnId = await thread.begin("go @@bashticks@@");
      await thread.seen("item/commandExecution/outputDelta");
      await thread.begin("and @@text@@");
      await thread.end(turnId);
    },
  },
  "question-async-answered": {
    ...CODE_MODE,
    ...FULL_ACCESS,
    async play(thread) {
      const turnId = await thread.begin("go @@askasync@@");
      await itemCompleted(thread.app, "agentMessage");
      await thread.request("turn/steer", {
        expectedTurnId: turnId,
        clientUserMessageId: "answer_1",
        input: [{ type: "text", text: "Which color?\nBlue", text_elements: [] }],
      });
      await thread.end(turnId);
    },
  },
  goal,
  "codemode-goal": { ...CODE_MODE, ...goal },
  compacted: {
    async play(thread) {
      await thread.turn("go @@text@@");
      await thread.request("thread/compact/start");
      await thread.seen("turn/completed", 2);
      await thread.turn("go @@text@@");
    },
  },
  models: {
    async play({ app }) {
      await requested(app, "model/list", {});
    },
  },
  "read-thread": {
    async play(thread) {
      await thread.turn("go @@bash@@");
      await thread.request("thread/read", { includeTurns: true });
      await thread.request("thread/unsubscribe");
    },
  },
  "sandbox-probe": sandboxProbe("sandbox-probe", false),
  "sandbox-probe-refused": sandboxProbe("sandbox-probe-refused", true),

  "resume-unknown": {
    async playAll(stage) {
      const app = await stage.start("resume-unknown");
      await requested(app, "thread/resume", { threadId: UNKNOWN_THREAD });
    },
  },
  resumed: {
    recordings: ["before-resume", "resumed"],
    async playAll(stage) {
      const before = await converse(await stage.start("before-resume"), stage);
      await before.turn("go @@text@@");
      await before.app[Symbol.asyncDispose]();
      const { threadId } = before;
      const thread = new Conversation(await stage.start("resumed"), threadId);
      const input = [{ type: "text", text: "too early @@text@@", text_elements: [] }];
      await thread.request("turn/start", { input });
      const cwd = stage.home.work;
      await thread.request("thread/resume", { cwd, ...THREAD, excludeTurns: true });
      await thread.seen("thread/tokenUsage/updated");
      await thread.turn("again @@bash@@");
    },
  },
  "resumed-after-kill": {
    recordings: ["killed", "resumed-after-kill"],
    async playAll(stage) {
      const killed = await converse(await stage.start("killed"), stage);
      await killed.turn("go @@text@@");
      await killed.begin("go @@hang@@");
      const isStarting = ({ params }: { params?: Record<string, unknown> }) =>
        params?.["delta"] === "Starting ";
      await killed.app.first(isStarting);
      await killed.app.kill("SIGKILL");
      const app = await stage.start("resumed-after-kill");
      const thread = new Conversation(app, killed.threadId);
      await thread.request("thread/resume");
      await thread.seen("thread/tokenUsage/updated");
      await thread.turn("again @@text@@");
    },
  },
  "killed-command": {
    async play(thread, stage) {
      await thread.begin("go @@bashlong@@");
      await stage.made("long.started");
      await thread.app.kill("SIGKILL");
    },
  },
  terminated: {
    async play(thread) {
      await thread.begin("go @@hang@@");
      await thread.seen("item/agentMessage/delta");
      await thread.app.kill("SIGTERM");
    },
  },
  "second-writer": {
    recordings: ["first-writer", "second-writer"],
    async playAll(stage) {
      const first = await converse(await stage.start("first-writer"), stage);
      await first.turn("go @@text@@");
      const second = await stage.start("second-writer");
      await requested(second, "thread/resume", { threadId: first.threadId });
    },
  },
  "two-threads": {
    async playAll(stage) {
      const app = await stage.start("two-threads", OPEN);
      const one = await converse(app, stage);
      const other = await converse(app, stage);
      const first = await one.begin("go @@bash@@");
      await one.seen(APPROVAL, 1);
      const second = await other.begin("go @@parallel@@");
      await one.seen(APPROVAL, 2);
      const accepted = { result: { decision: "accept" } };
      // The order in which the turns end must not depend on timing.
      app.send({ id: 0, ...accepted });
      await one.end(first);
      app.send({ id: 1, ...accepted });
      await one.seen(APPROVAL, 3);
      app.send({ id: 2, ...accepted });
      await other.end(second);
    },
  },
};
