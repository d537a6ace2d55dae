import { tinyServer } from "../../support/agents/mcp.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { asks, type Conversation, go, type Message, type Reply, RULES } from "./conversation.ts";
import type { LeftOut } from "./normalize.ts";
import type { OpencodeStage, ServerOptions } from "./stage.ts";

/** One scenario of OpenCode. By default it makes one recording, with the scenario's name. */
export interface OpencodeScenario extends ServerOptions {
  readonly recordings?: readonly string[];
  /** The body of `POST /session`, over that of every recording. */
  readonly session?: Readonly<Record<string, unknown>>;
  /** The replies to requests, in order; the last one repeats. Allows once by default. */
  readonly replies?: readonly Reply[];
  /** Prepares the working directory. */
  readonly prepare?: (stage: OpencodeStage) => Promise<void>;
  /** Read before the session is created. */
  readonly before?: readonly string[];
  /** The turns, one after another; ignored when `play` is given. */
  readonly turns?: readonly Message[];
  /** Read after the turns; `:id` is the session. */
  readonly after?: readonly string[];
  /** Sends the messages in the session that was created. */
  readonly play?: (conversation: Conversation, stage: OpencodeStage) => Promise<void>;
  /** The whole scenario, when it is more than one session of one server. */
  readonly playAll?: (stage: OpencodeStage) => Promise<void>;
  /** Events that only this recording keeps. */
  readonly keeps?: readonly LeftOut[];
}

/** A scenario of one turn, which asks for a script. */
export const one = (script: string, more: OpencodeScenario = {}): OpencodeScenario => ({
  turns: [go(script)],
  ...more,
});

export const REJECT: Reply = { reply: "reject" };
export const ALLOW_ALL = { session: { permission: [rule("*", "allow")] } };
/** The rules of the configuration, which reach subagents. */
export const ASKS_BELOW = { config: { permission: { bash: "ask" } } };
const PLAN_MODE = { env: { OPENCODE_EXPERIMENTAL_PLAN_MODE: "1" } };
const inRepository = { prepare: (stage: OpencodeStage) => stage.repository() };

function rule(permission: string, action: string): Record<string, string> {
  return { permission, pattern: "*", action };
}

/** A message with further members of its request. */
export const withMore = (script: string, more: object): Message => ({
  parts: [{ type: "text", text: go(script) }],
  ...more,
});

const image: Message = {
  parts: [
    { type: "text", text: "Look @@text@@" },
    {
      type: "file",
      mime: "image/png",
      filename: "pixel.png",
      url: `data:image/png;base64,${PIXEL_PNG}`,
    },
  ],
};

/** The scenarios of one turn after another. */
export const simpleRecordings: Record<string, OpencodeScenario> = {
  text: one("text", {
    session: { title: undefined },
    after: ["/session/:id/message", "/session/status"],
    keeps: ["sync", "plugin.added"],
  }),
  thinking: one("think"),
  "two-blocks": one("blocks"),
  "two-turns": { turns: [go("text"), go("think")] },
  image: { turns: [image] },
  "own-message-id": {
    turns: [withMore("text", { messageID: "msg_20e960a8b001xWVPwG6qzjb2qs" })],
  },
  "other-model": {
    turns: [
      withMore("text", { model: { providerID: "anthropic", modelID: "claude-scripted-2" } }),
      go("text"),
    ],
  },

  "bash-once": one("bash"),
  "bash-always": one("bashtwice", { replies: [{ reply: "always" }] }),
  "bash-rejected": one("bash", { replies: [REJECT], after: ["/permission"] }),
  "bash-rejected-message": one("bash", { replies: [{ ...REJECT, message: "Not now." }] }),
  "bash-allowed": { ...ALLOW_ALL, turns: [go("bash"), go("bashoutside")] },
  "exit-code-3": one("bashfail"),
  "long-output": one("bashout"),
  "ticking-output": one("bashticks"),
  "outside-directory": one("bashoutside"),
  "outside-repository": one("bashoutside", inRepository),
  write: one("write"),
  "write-rejected": one("write", { replies: [REJECT] }),
  "write-in-repository": one("write", inRepository),
  "edit-missing": one("editmissing"),
  "unknown-tool": one("unknowntool"),
  "bad-input": one("badinput"),
  todo: one("todo", { after: ["/session/:id/todo"] }),
  mcp: one("mcp", {
    session: { permission: [...RULES, asks("tiny_*")] },
    config: {
      mcp: { tiny: { type: "local", command: [tinyServer.command, ...tinyServer.args] } },
    },
    after: ["/mcp"],
  }),

  subagent: one("subagent", { keeps: ["sync"] }),
  "subagent-unasked": one("subagentwrite"),
  "subagent-permission": one("subagentwrite", ASKS_BELOW),
  "subagent-rejected": one("subagentwrite", { ...ASKS_BELOW, replies: [REJECT] }),
  "subagent-parent-allows": one("subagentwrite", { ...ASKS_BELOW, ...ALLOW_ALL }),
  "subagent-parent-denies": one("subagentwrite", {
    ...ASKS_BELOW,
    session: { permission: [rule("bash", "deny")] },
  }),

  "plan-agent": { turns: [withMore("planwrite", { agent: "plan" })] },
  "plan-agent-denied": {
    session: { permission: [rule("edit", "deny"), asks("bash")] },
    turns: [withMore("planwrite", { agent: "plan" }), withMore("bash", { agent: "plan" })],
  },
  "plan-approved": {
    ...PLAN_MODE,
    replies: [{ answers: [["Yes"]] }],
    turns: [withMore("plan", { agent: "plan" })],
  },
  "plan-rejected": {
    ...PLAN_MODE,
    replies: [{ answers: [["No"]] }],
    turns: [withMore("plan", { agent: "plan" })],
  },

  "no-key": one("text", { key: null, before: ["/config/providers"] }),
  "error-400": one("e400"),
  "error-401": one("e401"),
  "error-403": one("e403"),
  "error-429": one("e429"),
  "error-429-recovers": one("e429recovers"),
  "error-500": one("e500"),
  "error-500-recovers": one("e500recovers"),
  "error-529": one("e529"),
  "connection-dropped": one("drop"),
  "connection-dropped-recovers": one("droprecovers"),
  cut: one("cut"),
  "cut-recovers": one("cutrecovers"),
  malformed: one("malformed"),
  "malformed-recovers": one("malformedrecovers"),
  "max-tokens": one("maxtokens"),
  refusal: one("refusal"),
  overloaded: one("overloaded"),
  "overloaded-recovers": one("overloadedrecovers"),
};
