import type { AgentOutput } from "../agent.ts";
import { demo } from "./demo.ts";
import { askQuestion, message, say, whole } from "./outputs.ts";
import {
  echo,
  end,
  error,
  help,
  image,
  markdown,
  mayRun,
  type MockScript,
  permissions,
  questions,
  reply,
  rich,
  type Scene,
  status,
  tool,
  unknown,
  unparsed,
} from "./scripts.ts";

const mayList: Scene = (turn) => [mayRun(turn, "ls")];
const proceed: Scene = ({ prefix }) => [
  askQuestion(`${prefix}_question`, "Proceed?", ["Yes", "No"]),
];

const bashPrompt =
  "Use the bash tool to run `ls` in the current directory. Do not answer without using the tool.";
const questionPrompts = [
  "Use the AskUserQuestion tool to ask exactly one yes/no question, then wait for a reply. Do not answer yourself.",
  "Call the AskUserQuestion tool with exactly one yes/no question and wait for a reply. Do not answer yourself.",
];

// The reference's own tests send these sentences.
const prompts: readonly (readonly [string, Scene])[] = [
  ["Reply with exactly the single word OK.", ({ prefix }) => say(`${prefix}_ok`, "OK")],
  ["Reply with exactly the word FIRST.", ({ prefix }) => say(`${prefix}_first`, "FIRST")],
  ["Reply with exactly the word SECOND.", ({ prefix }) => say(`${prefix}_second`, "SECOND")],
  ["Answer briefly and include your reasoning.", rich],
  ["Provide a short status update.", status],
  ["List files in the current directory using available tools.", mayList],
  [bashPrompt, (turn) => [...mayList(turn), ...tool(turn)]],
  ...questionPrompts.map((text) => [text, proceed] as const),
];
const sceneOf = new Map(prompts.map(([text, scene]) => [text.toLowerCase(), scene]));

const commands = new Map<string, Scene>([
  ["help", help],
  ["demo", demo],
  ["markdown", markdown],
  ["tool", tool],
  ["tools", tool],
  ["tooling", tool],
  ["status", status],
  ["image", image],
  ["unknown", unknown],
  ["permission", permissions],
  ["permissions", permissions],
  ["question", questions],
  ["questions", questions],
  ["error", error],
  ["unparsed", unparsed],
  ["end", end],
  ["ended", end],
  ["session.end", end],
  ["echo", echo],
  ["say", echo],
]);

/** What the mock says to any message that no other script was given for. */
export const answer: MockScript = function* (turn) {
  const word = firstWord(turn.text);
  const scene = sceneOf.get(turn.text.toLowerCase()) ?? commands.get(word) ?? reply;
  yield* eachAlone(scene(turn));
};

/** The message, said again as the user's; nothing for an empty one. */
export const userEcho: MockScript = function* ({ prefix, text }) {
  if (text) yield* eachAlone(whole({ ...message(`${prefix}_user`, text), role: "user" }));
};

/** The word that names a command. */
export function firstWord(text: string): string {
  return (/^\S+/.exec(text)?.[0] ?? "").toLowerCase();
}

function* eachAlone(outputs: AgentOutput[]): Generator<AgentOutput[]> {
  for (const output of outputs) yield [output];
}
