import { type Command, InvalidArgumentError, Option } from "commander";
import { addSessionOptions, count, examples, list, optionsOf, variable } from "../options.ts";
import type { Leaf } from "./api.ts";

const routes = () => import("../commands/api-sessions.ts");

/** Adds `api sessions …`. */
export function defineApiSessions(api: Command, leaf: Leaf): void {
  const sessions = api.command("sessions").description("Conversations with agents.");
  defineSessions(sessions, leaf);
  defineMessages(sessions, leaf);
  defineEvents(sessions, leaf);
  defineImage(sessions, leaf);
  defineReplies(sessions, leaf);
}

function defineSessions(sessions: Command, leaf: Leaf): void {
  leaf(sessions, "list", "All sessions, the newest first.")
    .addHelpText("after", examples("sandbox-agent api sessions list"))
    .action(async (_options, command: Command) =>
      (await routes()).listSessions(optionsOf(command)),
    );
  const create = leaf(sessions, "create", "Begin a conversation with an agent.").argument(
    "<session-id>",
  );
  addSessionOptions(create)
    .option("-A, --agent-version <version>", "a version, range or dist-tag of the agent")
    .option("--directory <folder>", "where the agent works; by default where the daemon does")
    .option("--title <title>", "a name for people")
    .option("--env <name=value>", "a variable for the agent; repeatable", variable)
    .option("--mcp-config <file>", "JSON of MCP servers by name")
    .option("--skill <folder>", "a folder with a skill; repeatable", list)
    .addHelpText(
      "after",
      examples(
        'sandbox-agent api sessions create work --agent claude --directory "$PWD"',
        "sandbox-agent api sessions create work --agent codex --permission-mode bypass --env CI=1",
      ),
    )
    .action(async (id: string, _options, command: Command) =>
      (await routes()).createSession(id, optionsOf(command)),
    );
  leaf(sessions, "get", "What is known of a session.")
    .argument("<session-id>")
    .addHelpText("after", examples("sandbox-agent api sessions get work"))
    .action(async (id: string, _options, command: Command) =>
      (await routes()).getSession(id, optionsOf(command)),
    );
  leaf(sessions, "delete", "End a session and forget it with its events.")
    .argument("<session-id>")
    .addHelpText("after", examples("sandbox-agent api sessions delete work"))
    .action(async (id: string, _options, command: Command) =>
      (await routes()).deleteSession(id, optionsOf(command)),
    );
  leaf(sessions, "interrupt", "Stop the turn that runs; the session goes on.")
    .argument("<session-id>")
    .addHelpText("after", examples("sandbox-agent api sessions interrupt work"))
    .action(async (id: string, _options, command: Command) =>
      (await routes()).interruptSession(id, optionsOf(command)),
    );
  leaf(sessions, "terminate", "End a session; its events can still be read.")
    .argument("<session-id>")
    .addHelpText("after", examples("sandbox-agent api sessions terminate work"))
    .action(async (id: string, _options, command: Command) =>
      (await routes()).terminateSession(id, optionsOf(command)),
    );
}

function defineMessages(sessions: Command, leaf: Leaf): void {
  const message = (name: string, description: string) =>
    leaf(sessions, name, description)
      .argument("<session-id>")
      .requiredOption("-m, --message <text>", "what to say")
      .option("--attach <file>", "a file that belongs to it; repeatable", list);
  message("send-message", "Send a message; it is answered in the session's events.")
    .addHelpText(
      "after",
      examples('sandbox-agent api sessions send-message work -m "Fix the test"'),
    )
    .action(async (id: string, _options, command: Command) =>
      (await routes()).sendMessage(id, optionsOf(command)),
    );
  message(
    "send-message-stream",
    "Send a message and show its turn, to its end or where the agent asks for something.",
  )
    .option("--include-raw", "with the agent's own messages")
    .option("--json", "one event a line")
    .addHelpText(
      "after",
      examples(
        'sandbox-agent api sessions send-message-stream work -m "Fix the test"',
        'sandbox-agent api sessions send-message-stream work -m "Fix it" --json | jq -r .type',
      ),
    )
    .action(async (id: string, _options, command: Command) =>
      (await routes()).sendMessageStream(id, optionsOf(command)),
    );
}

function defineEvents(sessions: Command, leaf: Leaf): void {
  leaf(sessions, "events", "A session's events until now.")
    .alias("get-messages")
    .argument("<session-id>")
    .option("-o, --offset <sequence>", "only those after this one", count)
    .option("-l, --limit <count>", "at most so many", count)
    .option("--include-raw", "with the agent's own messages")
    .addHelpText("after", examples("sandbox-agent api sessions events work --offset 20 --limit 10"))
    .action(async (id: string, _options, command: Command) =>
      (await routes()).getEvents(id, optionsOf(command)),
    );
  leaf(sessions, "events-sse", "A session's events and all that follow, until it ends.")
    .argument("<session-id>")
    .option("-o, --offset <sequence>", "only those after this one", count)
    .option("--include-raw", "with the agent's own messages")
    .option("--json", "one event a line")
    .addHelpText(
      "after",
      examples(
        "sandbox-agent api sessions events-sse work",
        "sandbox-agent api sessions events-sse work --json",
      ),
    )
    .action(async (id: string, _options, command: Command) =>
      (await routes()).followEvents(id, optionsOf(command)),
    );
}

function defineImage(sessions: Command, leaf: Leaf): void {
  leaf(sessions, "image", "An image that one of a session's events names.")
    .argument("<session-id>")
    .argument("<path>", "as the event has it")
    .requiredOption("-o, --output <file>", "where to write it")
    .addHelpText("after", examples("sandbox-agent api sessions image work chart.png -o chart.png"))
    .action(async (id: string, path: string, _options, command: Command) =>
      (await routes()).getImage(id, path, optionsOf(command)),
    );
}

function defineReplies(sessions: Command, leaf: Leaf): void {
  leaf(sessions, "reply-question", "Answer a question of the agent.")
    .argument("<session-id>")
    .argument("<question-id>")
    .addOption(
      new Option("-a, --answers <json>", "an array for each part: the labels chosen")
        .argParser(answers)
        .makeOptionMandatory(),
    )
    .addHelpText(
      "after",
      examples(`sandbox-agent api sessions reply-question work qst_1 --answers '[["Red"]]'`),
    )
    .action(async (id: string, question: string, _options, command: Command) =>
      (await routes()).replyQuestion(id, question, optionsOf(command)),
    );
  leaf(sessions, "reject-question", "Refuse to answer a question of the agent.")
    .argument("<session-id>")
    .argument("<question-id>")
    .addHelpText("after", examples("sandbox-agent api sessions reject-question work qst_1"))
    .action(async (id: string, question: string, _options, command: Command) =>
      (await routes()).rejectQuestion(id, question, optionsOf(command)),
    );
  leaf(sessions, "reply-permission", "Allow or refuse what the agent wants to do.")
    .argument("<session-id>")
    .argument("<permission-id>")
    .addOption(
      new Option("-r, --reply <reply>", "once, always (in this session) or reject")
        .choices(["once", "always", "reject"])
        .argParser(reply)
        .makeOptionMandatory(),
    )
    .addHelpText(
      "after",
      examples("sandbox-agent api sessions reply-permission work prm_1 --reply once"),
    )
    .action(async (id: string, permission: string, _options, command: Command) =>
      (await routes()).replyPermission(id, permission, optionsOf(command)),
    );
}

/** In any case, as the reference took it. */
function reply(value: string): string {
  const lower = value.toLowerCase();
  if (["once", "always", "reject"].includes(lower)) return lower;
  throw new InvalidArgumentError("Allowed choices are once, always, reject.");
}

function answers(value: string): string[][] {
  const parsed = parseJson(value);
  const isTexts = (part: unknown) =>
    Array.isArray(part) && part.every((label) => typeof label === "string");
  if (Array.isArray(parsed) && parsed.every(isTexts)) return parsed;
  throw new InvalidArgumentError('It must be JSON such as [["Red"],["S","L"]].');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
