import { httpError, hold, reply, text, thinking, tool } from "../../support/model-script.ts";
import type { Part, Script } from "../../support/model-script.ts";
import { claudeScenarios, workingDirectory } from "../../support/scenarios.ts";

const done = reply("All done.");
const MODEL_SAYS_TOO_LONG = "prompt is too long: 210000 tokens > 200000 maximum";

function bash(
  command: string,
  description: string,
  more: { timeout?: number; run_in_background?: boolean } = {},
): Part {
  return tool("Bash", { command, description, ...more });
}

/** Calls a tool with the path of a file in the working directory, for each entry. */
function filing(
  ...calls: [name: string, file: string, input: Record<string, unknown>, member?: string][]
): Script {
  return (request) => [
    ...calls.map(([name, file, input, member = "file_path"]) =>
      reply([tool(name, { [member]: `${workingDirectory(request)}/${file}`, ...input })]),
    ),
    done,
  ];
}

function delegation(description: string, prompt: string): Part {
  return tool("Agent", { description, prompt, subagent_type: "general-purpose" });
}

/** The scripts of the recordings: those of the tests, and some that only a recording needs. */
export const recordedScripts: Record<string, Script> = {
  ...claudeScenarios,
  background: [
    reply([
      bash("for i in 1 2 3; do echo tick $i; sleep 0.4; done", "Tick", { run_in_background: true }),
    ]),
    reply("Launched."),
  ],
  cron: [
    reply([tool("CronCreate", { cron: "* * * * *", prompt: "@@text@@ tick", recurring: true })]),
    reply([tool("CronList", {})]),
    reply("Scheduled."),
  ],
  wakeup: [
    reply([
      tool("ScheduleWakeup", { delaySeconds: 60, reason: "later", prompt: "@@text@@ awake" }),
    ]),
    reply("Scheduled."),
  ],
  enterplan: [reply([tool("EnterPlanMode", {})]), reply("In plan mode.")],
  toolong: [httpError(400, { message: MODEL_SAYS_TOO_LONG })],
  mcp: [
    reply([tool("mcp__tiny__echo", { text: "hello" })]),
    reply([tool("mcp__tiny__draw", {})]),
    reply([tool("mcp__tiny__fail", {})]),
    done,
  ],
  monitor: [
    reply([
      tool("Monitor", {
        command: "for i in 1 2; do echo tick $i; sleep 2; done",
        description: "watch",
      }),
    ]),
    reply("Watching."),
  ],
  notebook: filing(
    ["Read", "n.ipynb", {}],
    ["NotebookEdit", "n.ipynb", { cell_id: "c1", new_source: "print(2)" }, "notebook_path"],
    [
      "NotebookEdit",
      "n.ipynb",
      { cell_id: "c1", edit_mode: "delete", new_source: "" },
      "notebook_path",
    ],
  ),
  overwrite: (request) => {
    const file_path = `${workingDirectory(request)}/a.txt`;
    const content = "one\n2\nthree\nfour\nfive\nsix\nseven\neight\nnine\nTEN\n";
    const edit = { replace_all: true, file_path, old_string: "e", new_string: "E" };
    return [
      reply([tool("Read", { file_path })]),
      reply([tool("Write", { file_path, content })]),
      reply([tool("Edit", edit)]),
      reply([bash("rm a.txt", "Remove")]),
      reply([tool("Write", { file_path: `${workingDirectory(request)}/empty.txt`, content: "" })]),
      done,
    ];
  },
  readimage: filing(["Read", "dot.png", {}]),
  slowcommand: [
    reply([bash("echo a; for i in 1 2 3 4 5; do sleep 1; done; echo b >&2; echo c", "Slow")]),
    done,
  ],
  timeout: [reply([bash("echo a; while true; do sleep 1; done", "Slow", { timeout: 2000 })]), done],
  subhang: [reply([thinking("Thinking below."), text("Looking "), hold("sub")])],
  subagenthang: [
    reply([
      text("Delegating."),
      tool("Agent", {
        description: "Find it",
        prompt: "Please find it @@subhang@@",
        subagent_type: "general-purpose",
        run_in_background: false,
      }),
    ]),
    done,
  ],
  subagentfiles: [reply([delegation("Write", "Write it @@writebelow@@")]), done],
  writebelow: (request) => {
    const file_path = `${workingDirectory(request)}/below.txt`;
    return [
      reply([tool("Write", { file_path, content: "a\n" })]),
      reply([tool("Edit", { replace_all: false, file_path, old_string: "a", new_string: "b" })]),
      reply([bash("cat below.txt; echo x >&2", "see")]),
      reply("Written."),
    ];
  },
  subagentparallel: [
    reply([
      delegation("One", "Please find it @@sub@@"),
      delegation("Two", "Please find it @@sub@@"),
    ]),
    reply("Both."),
  ],
};
