import { cut, drop, endBlock, hold, httpError, malformed, repeat, reply } from "../model-script.ts";
import { streamError, text, thinking, tool } from "../model-script.ts";
import type { Part } from "../model-script.ts";
import type { AmpScript } from "./server.ts";

const done = reply("All done.");

function bash(command: string): Part {
  return tool("shell_command", { command });
}

/** Scripts that make Amp (tools as in 0.0.1790142911) show everything an adapter must handle. */
export const ampScenarios: Record<string, AmpScript> = {
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
  bashlong: [reply([bash("touch long.started; while true; do sleep 1; done")]), done],
  bashticks: [reply([bash("for i in 1 2 3 4; do echo tick $i; sleep 1; done")]), done],
  bashout: [reply([bash("seq 1 20000")]), done],
  parallel: [reply([text("Two at once."), bash("touch a1"), bash("touch b1")]), done],

  write: [
    reply([patch(["*** Add File: hello.txt", "+line one", "+line two"])]),
    reply([patch(["*** Update File: hello.txt", "@@", " line one", "-line two", "+line 2"])]),
    reply([patch(["*** Delete File: hello.txt"])]),
    done,
  ],
  mcp: [reply([tool("mcp__tiny__echo", { text: "ping" })]), done],

  maxtokens: [reply([text("cut short")], { stopReason: "max_tokens" })],
  refusal: [reply([text("no")], { stopReason: "refusal" })],

  e400: [httpError(400)],
  e401: [httpError(401)],
  e403: [httpError(403)],
  e429: [httpError(429)],
  e500: [httpError(500)],
  e529: [httpError(529)],
  // The connection breaks, the server goes on, and the CLI comes back to hear the rest.
  drop: [repeat(1, drop())],
  cut: [reply([text("one two three "), cut(), text("four.")])],
  malformed: [reply([text("one "), malformed()])],
  overloaded: [reply([text("one two "), streamError("overloaded_error", "Overloaded")])],
};

function patch(lines: string[]): Part {
  return tool("apply_patch", {
    patchText: ["*** Begin Patch", ...lines, "*** End Patch"].join("\n"),
  });
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index}`).join(" ");
}
