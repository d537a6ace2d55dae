import type { ModelRequest } from "./model-request.ts";
import { cut, drop, endBlock, hold, httpError, malformed, repeat } from "./model-script.ts";
import { reply, streamError, text, thinking, tool } from "./model-script.ts";
import type { Part, Script } from "./model-script.ts";

const done = reply("All done.");
const planText = "# Plan\n1. Do A\n2. Do B\n";

function bash(command: string, description: string): Part {
  return tool("Bash", { command, description });
}

/** Scripts that make Claude Code (tools as in 2.1.332) show everything an adapter must handle. */
export const claudeScenarios: Record<string, Script> = {
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
  // Claude Code refuses a command that only sleeps; a shell loop it runs.
  bashlong: [
    reply([bash("touch long.started; while true; do sleep 1; done", "Run for ever")]),
    done,
  ],
  bashout: [reply([bash("seq 1 20000", "Print a lot")]), done],
  parallel: [reply([text("Two at once."), bash("touch a1", "a"), bash("touch b1", "b")]), done],

  ask: [
    reply([
      tool("AskUserQuestion", {
        questions: [
          question("Which color?", "Color", ["Red", "Blue"], false),
          question("Which sizes?", "Sizes", ["S", "L"], true),
        ],
      }),
    ]),
    reply("Thanks for answering."),
  ],
  plan: (request) => {
    const file = planFile(request);
    return [
      ...(file === undefined
        ? []
        : [reply([text("I have a plan."), tool("Write", { file_path: file, content: planText })])]),
      reply([tool("ExitPlanMode", { plan: planText })]),
      reply("After the plan."),
    ];
  },
  write: (request) => {
    const file_path = `${workingDirectory(request)}/hello.txt`;
    return [
      reply([tool("Write", { file_path, content: "line one\nline two\n" })]),
      reply([
        tool("Edit", {
          file_path,
          old_string: "line two",
          new_string: "line 2",
          replace_all: false,
        }),
      ]),
      reply([tool("Read", { file_path })]),
      done,
    ];
  },

  subagent: [delegate("Please find it @@sub@@"), reply("The subagent said 42.")],
  sub: [
    reply([thinking("Thinking below."), text("Looking."), bash("echo from-sub", "Look")]),
    reply("Subagent answer 42."),
  ],
  subagentwrite: [delegate("Please write @@subwrite@@"), reply("The subagent wrote.")],
  subwrite: [reply([bash("touch from-sub.txt", "Write below")]), reply("Written.")],
  subagentbackgroundwrite: [delegate("Please write @@subwrite@@", true), reply("Launched.")],
  subagentbackground: [delegate("Please find it @@sub@@", true), reply("Launched.")],

  // TodoWrite exists only with CLAUDE_CODE_ENABLE_TODO_TOOLS=1 and CLAUDE_CODE_ENABLE_TASKS=0.
  todo: [
    reply([todos("in_progress", "pending")]),
    reply([todos("completed", "in_progress")]),
    done,
  ],
  // The Task* tools exist only with CLAUDE_CODE_ENABLE_TODO_TOOLS=1.
  tasks: [
    reply([tool("TaskCreate", task("First")), tool("TaskCreate", task("Second"))]),
    reply([tool("TaskUpdate", { taskId: "1", status: "in_progress" })]),
    reply([tool("TaskUpdate", { taskId: "1", status: "completed" })]),
    reply([tool("TaskList", {})]),
    done,
  ],

  // Claude Code asks up to three times for the rest, and once for another answer than a refusal.
  maxtokensonce: [reply([text("cut short")], { stopReason: "max_tokens" }), done],
  refusalonce: [reply([text("no")], { stopReason: "refusal" }), done],
  maxtokens: [reply([text("cut short")], { stopReason: "max_tokens" })],
  refusal: [reply([text("no")], { stopReason: "refusal" })],

  e400: [httpError(400)],
  e401: [httpError(401)],
  e403: [httpError(403)],
  e429: [httpError(429, { retryAfterSeconds: 1 })],
  e429recovers: [repeat(2, httpError(429, { retryAfterSeconds: 1 }))],
  e500: [httpError(500)],
  e500recovers: [repeat(2, httpError(500))],
  e529: [httpError(529)],
  drop: [drop()],
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

function question(text: string, header: string, labels: string[], multiSelect: boolean) {
  const options = labels.map((label) => ({ label, description: `Take ${label}` }));
  return { question: text, header, multiSelect, options };
}

function todos(first: string, second: string): Part {
  return tool("TodoWrite", {
    todos: [
      { content: "First", status: first, activeForm: "Doing first" },
      { content: "Second", status: second, activeForm: "Doing second" },
    ],
  });
}

function task(subject: string) {
  return { subject, description: `Do ${subject}`, activeForm: `Doing ${subject}` };
}

function delegate(prompt: string, background = false) {
  return reply([
    text("Delegating."),
    tool("Agent", {
      description: "Find it",
      prompt,
      subagent_type: "general-purpose",
      run_in_background: background,
    }),
  ]);
}

/** The working directory that the CLI names in its system prompt. */
export function workingDirectory({ body }: ModelRequest): string {
  const found = /[Ww]orking directory: ([^\s"\\<,]+)/.exec(JSON.stringify(body));
  if (found?.[1] === undefined) throw new Error("The request names no working directory.");
  return found[1];
}

/** The file that Claude Code tells the model to write its plan to, in plan mode. */
function planFile({ body }: ModelRequest): string | undefined {
  return /(\/[^\s"\\]*\/plans\/[^\s"\\`)]+\.md)/.exec(JSON.stringify(body))?.[1];
}
