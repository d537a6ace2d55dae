import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyServer } from "../../support/agents/mcp.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import { answered, decide, elicited, hold } from "./conversation.ts";
import type { Conversation, Turn } from "./conversation.ts";
import { accept, type CodexStage, type ServerOptions } from "./stage.ts";

/** One scenario of Codex. By default it makes one recording, with the scenario's name. */
export interface CodexScenario extends ServerOptions {
  readonly recordings?: readonly string[];
  /** The parameters of `thread/start`, over those of every recording. */
  readonly thread?: Readonly<Record<string, unknown>>;
  /** The turns, one after another; ignored when `play` is given. */
  readonly turns?: readonly Turn[];
  /** Sends the messages in the thread that was started. */
  readonly play?: (conversation: Conversation, stage: CodexStage) => Promise<void>;
  /** The whole scenario, when it is more than one thread of one server. */
  readonly playAll?: (stage: CodexStage) => Promise<void>;
  /** Puts files into the working directory. */
  readonly prepare?: (stage: CodexStage) => Promise<void>;
}

/** A model that may only write programs, which call its tools. */
export const CODE_MODE = { settings: { model: '"gpt-6.1-sol"' } };
export const FULL_ACCESS = { thread: { sandbox: "danger-full-access" } };
const ON_REQUEST = { thread: { approvalPolicy: "on-request" } };
const WITHOUT_NAMESPACES = { withoutNamespaces: true };

const TINY = {
  "mcp_servers.tiny.command": JSON.stringify(tinyServer.command),
  "mcp_servers.tiny.args": JSON.stringify(tinyServer.args),
};

const ANSWERS = { color: "Blue", size: "L" };
const withDot = {
  prepare: ({ home }: CodexStage) =>
    writeFile(join(home.work, "dot.png"), Buffer.from(PIXEL_PNG, "base64")),
};

/** A scenario of one turn, which asks for a script. */
export const go = (script: string, more: CodexScenario = {}): CodexScenario => ({
  turns: [`go @@${script}@@`],
  ...more,
});

/** A turn in the plan mode, and one after it is left. */
const planning = (model: string): CodexScenario => {
  const settings = { model, reasoning_effort: null, developer_instructions: null };
  return {
    thread: { sandbox: "read-only" },
    turns: [
      { text: "go @@planmode@@", collaborationMode: { mode: "plan", settings } },
      { text: "do it @@write@@", collaborationMode: { mode: "default", settings } },
    ],
  };
};

/** The scenarios of one turn after another. */
export const simpleRecordings: Record<string, CodexScenario> = {
  text: go("text"),
  thinking: go("think"),
  "two-blocks": go("blocks"),
  "two-turns": { turns: ["go @@think@@", "go @@text@@"] },
  "client-id": { turns: [{ text: "go @@text@@", clientUserMessageId: "message-1" }] },
  "turn-settings": {
    turns: [
      {
        text: "go @@bash@@",
        approvalPolicy: "never",
        sandboxPolicy: { type: "dangerFullAccess" },
      },
      {
        text: "go @@bash@@",
        approvalPolicy: "untrusted",
        sandboxPolicy: {
          type: "workspaceWrite",
          writableRoots: [],
          networkAccess: false,
          excludeTmpdirEnvVar: false,
          // Otherwise the sandbox leaves empty folders in /tmp.
          excludeSlashTmp: true,
        },
      },
      { text: "go @@text@@", model: "gpt-6.1-sol", effort: "high" },
      { text: "go @@text@@", model: "no-such-model" },
    ],
  },
  "auto-compacted": {
    ...FULL_ACCESS,
    settings: { model_auto_compact_token_limit: "100" },
    turns: ["go @@text@@", "go @@text@@"],
  },

  "tool-allowed": go("bash"),
  "tool-rejected": go("bash", { answers: [decide("decline")] }),
  "tool-cancelled": go("bash", { answers: [decide("cancel")] }),
  "tool-always": go("bashtwice", { answers: [decide("acceptForSession"), accept] }),
  "trusted-command": go("bashread"),
  "exit-code-3": go("bashfail"),
  "long-output": go("bashout"),
  "ticking-output": go("bashticks"),
  "parallel-tools": go("parallel"),
  "parallel-one-rejected": go("parallel", { answers: [decide("decline"), accept] }),
  "full-access": go("bash", {
    thread: { sandbox: "danger-full-access", approvalPolicy: "never" },
  }),
  "untrusted-full-access": go("bash", FULL_ACCESS),
  "on-request": go("bash", ON_REQUEST),
  background: { ...FULL_ACCESS, turns: ["go @@bashyields@@", "go @@bashgo@@"] },

  write: go("write"),
  "write-two": go("writetwo"),
  "write-always": go("write", { answers: [decide("acceptForSession")] }),
  "write-rejected": go("write", { answers: [decide("decline")] }),
  "write-on-request": go("write", ON_REQUEST),

  "sandbox-refused": go("bash", WITHOUT_NAMESPACES),
  "sandbox-refused-full-access": go("bash", { ...WITHOUT_NAMESPACES, ...FULL_ACCESS }),
  "sandbox-refused-on-request": go("bash", { ...WITHOUT_NAMESPACES, ...ON_REQUEST }),
  "sandbox-refused-write": go("write", WITHOUT_NAMESPACES),
  "sandbox-refused-write-on-request": go("write", { ...WITHOUT_NAMESPACES, ...ON_REQUEST }),
  "sandbox-missing": go("bash", { without: "codex-resources/bwrap" }),

  plan: go("plan"),
  "plan-mode": planning("gpt-5.5"),
  "question-answered": go("ask", { answers: [answered(ANSWERS)] }),
  "question-other": go("ask", {
    answers: [answered({ color: "something else", size: "something else" })],
  }),
  "question-rejected": go("ask", { answers: [answered({})] }),
  "question-async": go("askasync", CODE_MODE),
  permissions: go("permissions", {
    ...FULL_ACCESS,
    settings: { "features.request_permissions_tool": "true" },
  }),
  "web-search": go("websearch", { ...FULL_ACCESS, settings: { web_search: '"live"' } }),
  "image-viewed": go("viewimage", { ...FULL_ACCESS, ...withDot }),
  image: {
    turns: [
      {
        text: "look @@text@@",
        input: [
          { type: "text", text: "look @@text@@", text_elements: [] },
          { type: "image", url: `data:image/png;base64,${PIXEL_PNG}` },
        ],
      },
    ],
  },

  mcp: go("mcp", { settings: TINY }),
  "mcp-always": {
    settings: TINY,
    answers: [() => ({ action: "accept", content: {}, _meta: { persist: "session" } })],
    turns: ["go @@mcp@@", "go @@mcp@@"],
  },
  "mcp-rejected": go("mcp", { settings: TINY, answers: [elicited("decline")] }),
  "mcp-asks": go("mcpasks", {
    ...FULL_ACCESS,
    settings: TINY,
    answers: [accept, elicited("accept", { name: "Ann", size: "l", sure: true, age: 41 })],
  }),
  "mcp-asks-rejected": go("mcpasks", {
    ...FULL_ACCESS,
    settings: TINY,
    answers: [accept, elicited("decline")],
  }),
  "mcp-asks-login": go("mcplogin", {
    ...FULL_ACCESS,
    settings: TINY,
    answers: [accept, elicited("decline")],
  }),
  "mcp-broken": go("text", {
    ...FULL_ACCESS,
    // Ends when it has been greeted: a server that ends at once fails in one of two ways.
    settings: {
      "mcp_servers.broken.command": '"/bin/sh"',
      "mcp_servers.broken.args": '["-c", "read line"]',
    },
  }),
  subagent: go("subagent"),

  "no-key": go("text", { key: null }),
  "error-400": go("e400"),
  "error-401": { turns: ["go @@e401@@", "go @@text@@"] },
  "error-403": go("e403"),
  "error-429": go("e429"),
  "error-429-recovers": go("e429recovers"),
  "error-500": go("e500"),
  "error-500-recovers": go("e500recovers"),
  "error-503": go("e503"),
  "connection-dropped": go("drop"),
  "connection-dropped-recovers": go("droprecovers"),
  cut: go("cut"),
  "cut-recovers": go("cutrecovers"),
  "cut-after-tool": go("cuttool"),
  malformed: go("malformed"),
  "malformed-recovers": go("malformedrecovers"),
  "max-tokens": go("maxtokens"),
  refusal: go("refusal"),
  overloaded: go("overloaded"),
  quota: go("quota"),
  "too-long": { turns: ["go @@toolong@@", "go @@text@@"] },
  "rate-limited": go("ratelimited"),
  "rate-limited-recovers": go("ratelimitedrecovers"),
  "response-failed": go("failed"),
  "response-failed-recovers": go("failedrecovers"),

  "codemode-text": go("text", CODE_MODE),
  "codemode-tool-allowed": go("bash", CODE_MODE),
  "codemode-tool-rejected": go("bash", { ...CODE_MODE, answers: [decide("decline")] }),
  "codemode-write": go("write", CODE_MODE),
  "codemode-exit-code-3": go("bashfail", CODE_MODE),
  "codemode-parallel": go("parallel", CODE_MODE),
  "codemode-plan": go("plan", CODE_MODE),
  "codemode-plan-mode": { ...planning("gpt-6.1-sol"), ...CODE_MODE },
  "codemode-question": go("ask", { ...CODE_MODE, answers: [answered(ANSWERS)] }),
  "codemode-mcp": go("mcp", { settings: { ...CODE_MODE.settings, ...TINY } }),
  "codemode-subagent": go("subagent", CODE_MODE),
  "codemode-web-search": go("websearch", {
    ...FULL_ACCESS,
    settings: { ...CODE_MODE.settings, web_search: '"live"' },
  }),
  "codemode-image-viewed": go("viewimage", { ...CODE_MODE, ...FULL_ACCESS, ...withDot }),
  "codemode-background": {
    ...CODE_MODE,
    ...FULL_ACCESS,
    turns: ["go @@bashyields@@", "go @@bashgo@@"],
  },
  "codemode-host-missing": go("bash", { ...CODE_MODE, without: "bin/codex-code-mode-host" }),
};

/** The settings of the scenarios whose requests are answered by the scenario itself. */
export const OPEN = { answers: [hold] };
export const TINY_SERVER = { settings: TINY };
