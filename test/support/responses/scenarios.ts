import { cut, drop, endBlock, hold, httpError, malformed, repeat } from "../model-script.ts";
import { reply, streamError, text, thinking, tool } from "../model-script.ts";
import type { Part, Step } from "../model-script.ts";
import type { ResponsesRequest } from "./request.ts";
import type { ResponsesScript } from "./server.ts";

const done = reply("All done.");
const form = {
  message: "Who are you?",
  requestedSchema: {
    type: "object",
    properties: {
      age: { type: "integer", description: "In years" },
      name: { type: "string", title: "Name" },
      size: { type: "string", title: "Size", enum: ["s", "l"], enumNames: ["Small", "Large"] },
      sure: { type: "boolean", title: "Sure?" },
    },
    required: ["name"],
  },
};
const planText = "# Plan\n1. Do A\n2. Do B\n";

function bash(cmd: string, { yield_time_ms = 30_000 } = {}): Part {
  return tool("exec_command", { cmd, yield_time_ms });
}

function patch(...lines: string[]): Part {
  return tool("apply_patch", {
    input: ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n"),
  });
}

/** Scripts that make Codex (tools as in 0.171.0) show everything an adapter must handle. */
export const codexScenarios: Record<string, ResponsesScript> = {
  text: [reply("Hello from the scripted model.")],
  think: [reply([thinking("Let me think about this."), text("The answer is 4.")])],
  blocks: [reply([text("First block."), endBlock(), text("Second block.")])],
  slow: [reply([text(numbered(200), { gapMs: 100 })])],
  hang: [reply([text("Starting "), hold("hang")])],
  thinkhang: [reply([thinking("Thinking "), hold("hang")])],

  bash: [reply([text("I will run a command."), bash("echo hi-from-bash && touch made.txt")]), done],
  // The same command twice, then another: what "always" must and must not cover.
  bashtwice: [
    reply([bash("touch one.txt")]),
    reply([bash("touch one.txt")]),
    reply([bash("touch two.txt")]),
    done,
  ],
  bashfail: [
    reply([bash("echo to-stdout; echo to-stderr >&2; exit 3")]),
    reply("It failed with 3."),
  ],
  // Runs until the thread's background commands are ended.
  bashlong: [reply([bash("touch long.started; while true; do sleep 1; done")]), done],
  bashread: [reply([bash("ls")]), done],
  bashticks: [reply([bash("for i in 1 2 3 4; do echo tick $i; sleep 1; done")]), done],
  bashout: [reply([bash("seq 1 20000")]), done],
  parallel: [reply([text("Two at once."), bash("touch a1"), bash("touch b1")]), done],

  write: [
    reply([patch("*** Add File: hello.txt", "+line one", "+line two")]),
    reply([patch("*** Update File: hello.txt", "@@", " line one", "-line two", "+line 2")]),
    reply([patch("*** Delete File: hello.txt")]),
    done,
  ],
  // One call that makes two files.
  writetwo: [reply([patch("*** Add File: a.txt", "+a", "*** Add File: b/b.txt", "+b")]), done],

  // The tool exists only with tools.update_plan.enabled.
  plan: [
    reply([plan("in_progress", "pending")]),
    reply([plan("completed", "in_progress")]),
    reply([plan("completed", "completed")]),
    done,
  ],
  // Only in collaboration mode plan does Codex take the plan out of the text.
  planmode: [
    reply([text("Thinking about it.\n"), text(`<proposed_plan>\n${planText}</proposed_plan>\n`)]),
    reply("After the plan."),
  ],
  ask: [
    reply([
      tool("request_user_input", {
        questions: [
          question("color", "Which color?", "Color", ["Red (Recommended)", "Blue"]),
          question("size", "Which size?", "Size", ["S", "L"]),
        ],
      }),
    ]),
    reply("Thanks for answering."),
  ],
  askasync: [
    reply([
      tool("request_user_input_async", {
        questions: [{ title: "Which color?", options: ["Red", "Blue"] }],
      }),
    ]),
    reply("I asked and go on."),
  ],
  mcp: [reply([tool("mcp__tiny.echo", { text: "ping" })]), done],
  mcpasks: [reply([tool("mcp__tiny.elicit", form)]), done],
  mcplogin: [
    reply([
      tool("mcp__tiny.elicit", {
        mode: "url",
        message: "Log in",
        url: "http://127.0.0.1/login",
        elicitationId: "login",
      }),
    ]),
    done,
  ],

  // The tool exists only with features.request_permissions_tool.
  permissions: [
    reply([
      tool("request_permissions", {
        reason: "I need it",
        permissions: { network: { enabled: true } },
      }),
    ]),
    done,
  ],
  websearch: [
    reply([
      text("Searching."),
      tool("web_search_call", {
        action: { type: "search", query: "weather", queries: ["weather", "rain"] },
      }),
      tool("web_search_call", { action: { type: "open_page", url: "http://127.0.0.1/x" } }),
      text("It rains."),
    ]),
  ],
  viewimage: [reply([tool("view_image", { path: "dot.png" })]), done],

  // Runs until there is a file of that name, which `bashgo` makes; the model waits no longer than half a second.
  bashyields: [
    reply([
      bash("echo one; while [ ! -e go ]; do sleep 0.1; done; echo two", { yield_time_ms: 500 }),
    ]),
    reply("It runs."),
  ],
  bashgo: [reply([bash("touch go")]), done],
  // What is not reached at the end of a turn begins the next.
  goal: [
    reply([tool("create_goal", { objective: "Make it so" })]),
    reply("Half of it is done."),
    reply([tool("update_goal", { status: "complete" })]),
    reply("All of it is done."),
  ],

  subagent: (request) => delegating(request, "Please find it @@sub@@", "The subagent said 42."),
  sub: [
    reply([thinking("Thinking below."), text("Looking."), bash("echo from-sub")]),
    reply("Subagent answer 42."),
  ],
  subagentwrite: (request) => delegating(request, "Write @@subwrite@@", "The subagent wrote."),
  subwrite: [reply([bash("touch from-sub.txt")]), reply("Written.")],

  subagentlong: (request) => delegating(request, "Run @@sublong@@", "The subagent ran."),
  sublong: [reply([bash("touch sub.started; while true; do sleep 1; done")]), reply("It ran.")],

  subagentyields: (request) => delegating(request, "Run @@bashyields@@", "The subagent ran."),

  maxtokens: [reply([text("cut short")], { stopReason: "max_tokens" })],
  refusal: [reply([text("no")], { stopReason: "refusal" })],

  e400: [httpError(400)],
  e401: [httpError(401)],
  e403: [httpError(403)],
  e429: [httpError(429, { retryAfterSeconds: 1 })],
  e429recovers: [repeat(2, httpError(429, { retryAfterSeconds: 1 }))],
  e500: [httpError(500)],
  e500recovers: [repeat(2, httpError(500))],
  e503: [httpError(503)],
  drop: [drop()],
  droprecovers: [repeat(1, drop())],
  cut: [reply([text("one two three "), cut()])],
  cutrecovers: [repeat(1, reply([text("one two three "), cut()]))],
  // Cut when the call is complete and the response is not.
  cuttool: [reply([text("one "), bash("touch cut.txt"), cut()]), done],
  malformed: [reply([text("one "), malformed()])],
  malformedrecovers: [repeat(1, reply([text("one "), malformed()]))],
  overloaded: [reply([text("one two "), streamError("server_is_overloaded")])],
  // Codex tries again after a failure, but not where the model is overloaded.
  failed: [reply([text("one two "), streamError("server_error")])],
  failedrecovers: [repeat(1, reply([text("one two "), streamError("server_error")]))],
  ratelimited: [reply([streamError("rate_limit_exceeded", "Please try again in 1s.")])],
  ratelimitedrecovers: [
    repeat(1, reply([streamError("rate_limit_exceeded", "Please try again in 1s.")])),
  ],
  quota: [reply([streamError("insufficient_quota", "no quota left")])],
  toolong: [reply([streamError("context_length_exceeded", "the input is too long")])],
};

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index}`).join(" ");
}

function question(id: string, text: string, header: string, labels: string[]) {
  const options = labels.map((label) => ({ label, description: `Take ${label}` }));
  return { id, question: text, header, options };
}

function plan(first: string, second: string): Part {
  return tool("update_plan", {
    explanation: "As planned",
    plan: [
      { step: "First", status: first },
      { step: "Second", status: second },
    ],
  });
}

/** Older models name whom they wait for; newer ones wait for whoever ends first. */
function delegating({ body }: ResponsesRequest, message: string, end: string): readonly Step[] {
  const seen = JSON.stringify(body);
  const id = [...seen.matchAll(/agent_id\W+([0-9a-f-]{36})/g)].at(-1)?.[1];
  const [spawn, wait] = seen.includes("multi_agent_v1")
    ? [
        tool("multi_agent_v1.spawn_agent", { message }),
        tool("multi_agent_v1.wait_agent", { targets: [id], timeout_ms: 10_000 }),
      ]
    : [
        tool("collaboration.spawn_agent", { task_name: "finder", message, fork_turns: "none" }),
        tool("collaboration.wait_agent", { timeout_ms: 10_000 }),
      ];
  return [reply([text("Delegating."), spawn]), reply([wait]), reply(end)];
}
