import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AmpScript } from "../../support/amp/server.ts";
import { reply, streamError, text, tool } from "../../support/model-script.ts";
import { PIXEL_PNG } from "../../support/pixel.ts";
import type { AmpStage } from "./stage.ts";

/** One scenario of Amp. By default it makes one recording, with the scenario's name. */
export interface AmpScenario {
  readonly recordings?: readonly string[];
  readonly play: (stage: AmpStage, name: string) => Promise<void>;
}

const done = reply("All done.");
const slow = [reply([tool("shell_command", { command: "sleep 1; echo slept" })]), done];

/** Makes the script of a scenario that no test shares, with the working directory of the CLI. */
type ScriptIn = (work: string) => AmpScript;

/** One message, and the end of the input when its turn is over. */
const go = (script: string, args: readonly string[] = []): AmpScenario => ({
  async play(stage, name) {
    const cli = stage.start(name, { args });
    cli.say(`${args.length > 0 ? "hi" : "go"} @@${script}@@`);
    await stage.finish(cli);
  },
});

/** One message that asks for a script of the scenario's own. */
const own = (script: ScriptIn, prepare?: (work: string) => Promise<void>): AmpScenario => ({
  async play(stage, name) {
    await prepare?.(stage.home.work);
    stage.server.script("x", script(stage.home.work));
    const cli = stage.start(name);
    cli.say("go @@x@@");
    await stage.finish(cli);
  },
});

const failing = (message: string): AmpScenario =>
  own(() => [reply([streamError("api_error", message)])]);

const files: ScriptIn = (work) => {
  const path = join(work, "a.txt");
  return [
    reply([tool("create_file", { path, content: "l1\nl2\n" })]),
    reply([tool("edit_file", { path, old_str: "l2", new_str: "L2" })]),
    reply([tool("Read", { path })]),
    reply([tool("edit_file", { path, old_str: "zz", new_str: "L2" })]),
    reply([tool("nonexistent", {})]),
    reply("Done."),
  ];
};

function patch(...lines: string[]) {
  const patchText = ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
  return reply([tool("apply_patch", { patchText })]);
}

const moving: ScriptIn = () => [
  patch(
    "*** Update File: a.txt",
    "*** Move to: b.txt",
    "@@",
    " one",
    "-two",
    "+2",
    "*** Add File: c.txt",
    "+c",
  ),
  patch("*** Update File: none.txt", "@@", "-two", "+2"),
  reply("Done."),
];

/** A process that is interrupted in the middle of its turn, and the next process of its thread. */
const resumed = (first: string, second: string, script: string): AmpScenario => ({
  recordings: [first, second],
  async play(stage) {
    const cli = stage.start(first);
    cli.say(`go @@${script}@@`);
    if (script === "hang") await stage.server.reached("hang");
    else await stage.made("long.started");
    // The CLI prints its message before this, or else the signal comes too early.
    await cli.first(({ type }) => type === "user");
    cli.kill("SIGINT");
    await cli.exited;
    stage.server.release("hang");
    const args = ["threads", "continue", stage.threadOf(cli)];
    const next = stage.start(second, { args });
    next.say("and now @@text@@");
    await next.first(isHello);
    next.end();
    await next.exited;
  },
});

function isHello(line: object): boolean {
  return JSON.stringify(line).includes("Hello from the scripted model.");
}

/** Every scenario of Amp. */
export const ampRecordings: Record<string, AmpScenario> = {
  ...Object.fromEntries(
    ["text", "think", "blocks", "bash", "bashfail", "bashtwice", "parallel", "write"].map(
      (script) => [script, go(script)],
    ),
  ),
  "mode-high": go("text", ["--mode=high"]),
  files: own(files),
  "patch-move": own(moving, (work) => writeFile(join(work, "a.txt"), "one\ntwo\n")),
  mcp: own(() => [
    ...["echo", "draw", "fail"].map((name) =>
      reply([tool(`mcp__tiny__${name}`, { text: "ping" })]),
    ),
    reply("Done."),
  ]),
  "background-command": own(() => [
    reply([tool("async_shell_command", { command: "sleep 3; echo slept", timeout_ms: 0 })]),
    reply("Launched."),
  ]),
  "image-in": {
    async play(stage, name) {
      const cli = stage.start(name);
      const source = { type: "base64", media_type: "image/png", data: PIXEL_PNG };
      cli.say("look @@text@@", [{ type: "image", source }]);
      await stage.finish(cli);
    },
  },
  "two-turns": {
    async play(stage, name) {
      const cli = stage.start(name);
      cli.say("hi @@text@@");
      const since = cli.transcript.length;
      await stage.turnEnd(cli, since);
      const again = cli.transcript.length;
      cli.say("more @@think@@");
      await stage.finish(cli, again);
    },
  },
  "message-while-command": {
    async play(stage, name) {
      stage.server.script("x", slow);
      const cli = stage.start(name);
      cli.say("go @@x@@");
      await cli.first(({ type }) => type === "assistant");
      cli.say("second @@text@@");
      const isSecond = (line: object) => JSON.stringify(line).includes("second @@text@@");
      await cli.first((line) => line["type"] === "user" && isSecond(line));
      await cli.first(isHello);
      cli.end();
      await cli.exited;
    },
  },
  "input-ended": {
    async play(stage, name) {
      stage.server.script("x", slow);
      const cli = stage.start(name);
      cli.say("go @@x@@");
      await cli.first(({ type }) => type === "assistant");
      cli.end();
      await cli.exited;
    },
  },
  "bad-input": {
    async play(stage, name) {
      const cli = stage.start(name);
      cli.send("nope");
      await cli.exited;
    },
  },
  "no-key": {
    async play(stage, name) {
      const cli = stage.start(name, { key: "" });
      cli.say("hi @@text@@");
      // The CLI waits for a code, which the scenario does not enter.
      while (!JSON.stringify(cli.transcript).includes("paste your code")) await sleep(50);
      cli.kill("SIGKILL");
      await cli.exited;
    },
  },
  rejected: {
    async play(stage, name) {
      const cli = stage.start(name, { rejection: "The user rejected this tool call." });
      cli.say("go @@bash@@");
      await stage.finish(cli);
    },
  },
  "rejected-by-rule": {
    async play(stage, name) {
      const rules = [{ tool: "*", action: "reject", message: "not here" }];
      const cli = stage.start(name, { rules });
      cli.say("go @@bash@@");
      await stage.finish(cli);
    },
  },
  "resumed-after-interrupt": resumed("interrupt", "resumed-after-interrupt", "hang"),
  "resumed-after-command": resumed("interrupt-command", "resumed-after-command", "bashlong"),
  killed: {
    async play(stage, name) {
      const cli = stage.start(name);
      cli.say("go @@hang@@");
      await stage.server.reached("hang");
      await cli.first(({ type }) => type === "user");
      cli.kill("SIGKILL");
      await cli.exited;
    },
  },
  "error-after-tool": own(() => [
    reply([text("Look: "), tool("shell_command", { command: "echo late" })]),
    reply([streamError("api_error", "too late")]),
  ]),
  "error-context": failing(
    "Context Limit Reached This conversation has reached the context window limit. Start a new thread to continue.",
  ),
  "error-credits": failing("out of credits"),
  "error-network": failing("fetch failed"),
  "error-overloaded": failing("Model Provider Overloaded Try again in a few seconds."),
  "error-rate-limit": failing("rate limit exceeded: 429 too many requests"),
  "error-server": failing("internal server error"),
  "error-stalled": failing(
    "Model Stream Timed Out The model stopped sending data before finishing. Try again in a few seconds.",
  ),
  "error-unauthorized": failing("Unauthorized"),
};
