import type { ModelRequest } from "../model-request.ts";
import { cut, drop, endBlock, hold, httpError, malformed, repeat } from "../model-script.ts";
import { reply, streamError, text, thinking, tool } from "../model-script.ts";
import type { Part, Reply, Script } from "../model-script.ts";

const done = reply("All done.");

/** Scripts that make OpenCode (tools as in 1.18.33) show everything an adapter must handle. */
export const opencodeScenarios: Record<string, Script> = {
  text: [reply("Hello from the scripted model.")],
  think: [reply([thinking("Let me think about this."), text("The answer is 4.")])],
  blocks: [reply([text("First block."), endBlock(), text("Second block.")])],
  slow: [reply([text(numbered(200), { gapMs: 100 })])],
  hang: [reply([text("Starting "), hold("hang")])],
  thinkhang: [reply([thinking("Thinking "), hold("hang")])],

  bash: [
    reply([text("I will run a command."), bash("echo hi-from-bash && touch made.txt", "Say hi")]),
    done,
  ],
  // The same command twice, then another: what "always" must and must not cover.
  bashtwice: [
    reply([bash("touch one.txt", "one")]),
    reply([bash("touch one.txt", "again")]),
    reply([bash("touch two.txt", "two")]),
    done,
  ],
  bashfail: [
    reply([bash("echo to-stdout; echo to-stderr >&2; exit 3", "Fail")]),
    reply("It failed with 3."),
  ],
  bashlong: [
    reply([bash("touch long.started; while true; do sleep 1; done", "Run for ever")]),
    done,
  ],
  bashticks: [reply([bash("for i in 1 2 3 4; do echo tick $i; sleep 1; done", "Tick")]), done],
  bashout: [reply([bash("seq 1 20000", "Print a lot")]), done],
  bashoutside: [reply([bash("touch ../outside.txt", "Leave the directory")]), done],
  parallel: [reply([text("Two at once."), bash("touch a1", "a"), bash("touch b1", "b")]), done],

  // OpenCode has no tool that deletes for this model: a command does.
  write: (request) => {
    const filePath = `${workingDirectory(request)}/hello.txt`;
    return [
      reply([tool("write", { filePath, content: "line one\nline two\n" })]),
      reply([tool("edit", { filePath, oldString: "line two", newString: "line 2" })]),
      reply([tool("read", { filePath })]),
      reply([tool("write", { filePath, content: "line three\n" })]),
      reply([bash("rm hello.txt", "Remove it")]),
      done,
    ];
  },
  // An edit that cannot be made.
  editmissing: (request) => [
    reply([
      tool("edit", {
        filePath: `${workingDirectory(request)}/missing.txt`,
        oldString: "a",
        newString: "b",
      }),
    ]),
    done,
  ],

  ask: [
    reply([
      tool("question", {
        questions: [
          question("Which color?", "Color", ["Red", "Blue"], false),
          question("Which sizes?", "Sizes", ["S", "L"], true),
        ],
      }),
    ]),
    reply("Thanks for answering."),
  ],
  todo: [
    reply([todos("in_progress", "pending")]),
    reply([todos("completed", "in_progress")]),
    reply([todos("completed", "completed")]),
    done,
  ],
  // The tool exists for the agent `plan` with OPENCODE_EXPERIMENTAL_PLAN_MODE=1.
  plan: [reply([text("Do A, then B."), tool("plan_exit", {})]), reply("After the plan.")],
  planwrite: (request) => [
    reply([
      tool("write", { filePath: `${workingDirectory(request)}/plan.txt`, content: "planned\n" }),
    ]),
    done,
  ],
  // A tool that OpenCode does not have, and a call without what the tool needs.
  unknowntool: [reply([tool("nothing", { a: 1 })]), done],
  badinput: [reply([tool("bash", { description: "No command" })]), done],
  mcp: [reply([tool("tiny_echo", { text: "ping" })]), done],

  subagent: [delegate("Please find it @@sub@@"), reply("The subagent said 42.")],
  sub: [
    reply([thinking("Thinking below."), text("Looking."), bash("echo from-sub", "Look")]),
    reply("Subagent answer 42."),
  ],
  subagentwrite: [delegate("Please write @@subwrite@@"), reply("The subagent wrote.")],
  subwrite: [reply([bash("touch from-sub.txt", "Write below")]), reply("Written.")],
  subagenthang: [delegate("Please wait @@hang@@"), reply("The subagent came back.")],

  maxtokens: [reply([text("cut short")], { stopReason: "max_tokens" })],
  refusal: [reply([text("no")], { stopReason: "refusal" })],

  e400: [httpError(400)],
  e401: [httpError(401)],
  e403: [httpError(403)],
  e429: [httpError(429, { retryAfterSeconds: 1 })],
  e429recovers: [repeat(2, httpError(429, { retryAfterSeconds: 1 }))],
  e500: [httpError(500, { retryAfterSeconds: 1 })],
  e500recovers: [repeat(1, httpError(500, { retryAfterSeconds: 1 }))],
  e529: [httpError(529, { retryAfterSeconds: 1 })],
  // Without a word on when to try again, OpenCode waits 2, 4, 8 and 16 seconds.
  e500slow: [httpError(500)],
  drop: [drop()],
  droprecovers: [repeat(1, drop())],
  cut: [reply([text("one two three "), cut()])],
  cutrecovers: [repeat(1, reply([text("one two three "), cut()]))],
  // Cut when the call is complete and the message is not.
  cuttool: [reply([text("one "), bash("touch cut.txt", "Cut"), cut()]), done],
  malformed: [reply([text("one "), malformed()])],
  malformedrecovers: [repeat(1, reply([text("one "), malformed()]))],
  overloaded: [reply([text("one two "), streamError()])],
  overloadedrecovers: [repeat(1, reply([text("one two "), streamError()]))],
};

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index}`).join(" ");
}

function bash(command: string, description: string): Part {
  return tool("bash", { command, description });
}

function question(text: string, header: string, labels: string[], multiple: boolean) {
  const options = labels.map((label) => ({ label, description: `Take ${label}` }));
  return { question: text, header, multiple, options };
}

function todos(first: string, second: string): Part {
  return tool("todowrite", {
    todos: [
      { content: "First", status: first, priority: "high" },
      { content: "Second", status: second, priority: "low" },
    ],
  });
}

function delegate(prompt: string): Reply {
  const call = tool("task", { description: "Find it", prompt, subagent_type: "general" });
  return reply([text("Delegating."), call]);
}

/** The working directory that OpenCode names in its system prompt. */
export function workingDirectory({ body }: ModelRequest): string {
  const found = /[Ww]orking directory: ([^\s"\\<,]+)/.exec(JSON.stringify(body));
  if (found?.[1] === undefined) throw new Error("The request names no working directory.");
  return found[1];
}
