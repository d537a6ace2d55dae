import { join } from "node:path";
import type { Part } from "../../support/model-script.ts";

/** Calls of an agent's tools that need a permission. */
export interface Calls {
  readonly command: (command: string) => Part;
  /**
   * Calls that lead to a command in another directory below that of the session. The last call runs
   * the command; an earlier call may need no permission.
   */
  readonly elsewhere: (command: string, folder: string) => Part[];
  /** Creates a file, or overwrites one that an earlier call has created. */
  readonly write: (path: string, content: string) => Part;
  /** Replaces a line of a file by another tool; left out where the agent has no other. */
  readonly edit?: (path: string, from: string, to: string) => Part;
  /** Calls that show a file to the model, by the tool for files where the agent has one. */
  readonly read: (path: string) => Part[];
  /** Calls that replace a line of a file. */
  readonly change: (path: string, from: string, to: string) => Part[];
  /** A tool of the MCP server `tiny`. */
  readonly mcp: (tool: string, input: Record<string, unknown>) => Part;
  /** Reads a page; left out where the agent has no such tool. */
  readonly fetch?: (url: string) => Part;
}

/** A request that is allowed always, with requests that differ from it and a request that equals it. */
interface Group {
  first: Part;
  others: readonly Part[];
  equal: Part;
}

/** A call of a tool, and the answer that its permission must get. */
export interface Step {
  call: Part;
  /**
   * `always`: requested, and allowed always. `again`: requested, and rejected. `remembered`:
   * answered from the session's memory. `free`: allowed once if it is requested.
   */
  expected: "always" | "again" | "remembered" | "free";
}

const COMMANDS: Record<string, readonly string[]> = {
  "make lint": [
    "make lint -- --fix",
    "make deploy",
    "make deploy -- --prod",
    "make",
    "make *",
    "make l?nt",
    "make  lint",
    "make 'lint'",
    "MAKEFLAGS=-B make lint",
    "make lint && touch again-1.txt",
    "make lint; touch again-2.txt",
    "make lint\ntouch again-3.txt",
    "make lint | tee again-4.txt",
    "make lint > again-5.txt",
    "make lint & touch again-6.txt",
    "make lint || touch again-7.txt",
    "make lint $(touch again-8.txt)",
    "make lint `touch again-9.txt`",
    "make lint # touch again.txt",
    "make lint \\\n --always-make",
    "./make lint",
  ],
  "git commit -m one": [
    "git commit --no-verify -am everything",
    "git commit -m two",
    "git commit -m 'one'",
    "git commit",
    "git -c core.hooksPath=hooks commit -m one",
    "git push --force",
  ],
  "touch one.txt": [
    "touch again.txt",
    "touch *.txt",
    "touch sub/one.txt",
    "touch ../one.txt",
    "touch one.txt again.txt",
    "touch one.txt\u200b",
    "touch One.txt",
  ],
};

const PAGE = "http://127.0.0.1:1/docs";
const OTHER_PAGES = [
  "http://127.0.0.1:1/docs?q=secret",
  "http://127.0.0.1:1/docs/more",
  "http://127.0.0.1:2/docs",
  "http://sub.localhost:1/docs",
];

/** Steps of the groups of commands. */
export function commandSteps({ command, elsewhere }: Calls): Step[] {
  const groups = Object.entries(COMMANDS).map(([first, others]) => ({
    first: command(first),
    others: others.map(command),
    equal: command(first),
  }));
  const moved = elsewhere("touch one.txt", "sub");
  return [
    ...groups.flatMap(stepsOf),
    ...moved.slice(0, -1).map((call) => ({ call, expected: "free" }) as const),
    ...moved.slice(-1).map((call) => ({ call, expected: "again" }) as const),
  ];
}

/** Steps for changes of files, tools of an MCP server and pages. */
export function toolSteps({ write, edit, mcp, fetch }: Calls, directory: string): Step[] {
  const at = (path: string) => join(directory, path);
  const groups: Group[] = [
    {
      first: write(at("file.txt"), "one\n"),
      others: [
        ...(edit ? [edit(at("file.txt"), "one", "three")] : []),
        write(at("again.txt"), "one\n"),
        write(at("file.txt.bak"), "one\n"),
        write(at("sub/file.txt"), "one\n"),
        write(at("linked/file.txt"), "one\n"),
        write(at(".git/hooks/pre-commit"), "one\n"),
      ],
      equal: write(at("file.txt"), "two\n"),
    },
    {
      first: mcp("echo", { text: "ping" }),
      others: [
        mcp("echo", { text: "pong" }),
        mcp("echo", { text: "ping " }),
        mcp("echo", { text: "ping", more: true }),
        mcp("echo", {}),
        mcp("draw", { text: "ping" }),
      ],
      equal: mcp("echo", { text: "ping" }),
    },
    ...(fetch ? [{ first: fetch(PAGE), others: OTHER_PAGES.map(fetch), equal: fetch(PAGE) }] : []),
  ];
  return groups.flatMap(stepsOf);
}

function stepsOf({ first, others, equal }: Group): Step[] {
  return [
    { call: first, expected: "always" },
    ...others.map((call) => ({ call, expected: "again" }) as const),
    { call: equal, expected: "remembered" },
  ];
}
