import type { AgentOutput } from "../agent.ts";
import { markdownChunks } from "./markdown.ts";
import {
  askPermission,
  askQuestion,
  completed,
  message,
  type MockItem,
  say,
  started,
  whole,
} from "./outputs.ts";

/** One message as the mock takes it. */
export interface MockTurn {
  /** `mock_<k>` for the k-th message of the session: begins every id of the turn. */
  prefix: string;
  /** The trimmed message. */
  text: string;
}

/** What the mock says to a message: each list at once, and a pause after it. */
export type MockScript = (turn: MockTurn) => Iterable<AgentOutput[]>;

/** A script of the mock's own, which pauses after every output. */
export type Scene = (turn: MockTurn) => AgentOutput[];

const helpText = `Mock commands:
- demo: all of the blocks below, one after the other
- markdown: a streamed Markdown document
- tool: a tool call and its result with files
- status: a status that changes
- image: a message with an image
- unknown: an item of unknown kind
- permission: two permission requests
- question: two questions
- error: an error and an unparsed event
- unparsed: an unparsed event
- end: the end of the session

Any other text is echoed.`;

export const help: Scene = ({ prefix }) => say(`${prefix}_help`, helpText);

export const markdown: Scene = ({ prefix }) => {
  const nativeId = `${prefix}_markdown`;
  const deltas = markdownChunks.map((delta) => ({ type: "item.delta", nativeId, delta }) as const);
  return [
    started(message(nativeId, "A Markdown document follows as a stream.")),
    ...deltas,
    completed(message(nativeId, markdownChunks.join(""))),
  ];
};

/** A message of every kind of part, with deltas of its own. */
export const rich: Scene = ({ prefix }) => {
  const nativeId = `${prefix}_assistant_rich`;
  const item: MockItem = {
    nativeId,
    kind: "message",
    role: "assistant",
    content: [
      { type: "text", text: "Mock assistant streaming delta." },
      { type: "reasoning", text: "Reasoning that a user may see.", visibility: "public" },
      { type: "reasoning", text: "Reasoning that a user may not see.", visibility: "private" },
      { type: "json", json: { stage: "analysis", ok: true } },
    ],
  };
  return [
    started(item),
    { type: "item.delta", nativeId, delta: "Mock assistant " },
    { type: "item.delta", nativeId, delta: "streaming delta." },
    completed(item),
  ];
};

export const tool: Scene = ({ prefix }) => {
  const call_id = `${prefix}_call`;
  const call: MockItem = {
    nativeId: `${prefix}_tool_call`,
    kind: "tool_call",
    role: "assistant",
    content: [
      { type: "tool_call", name: "mock.search", arguments: '{"query":"example"}', call_id },
    ],
  };
  const diff = "@@ -1,1 +1,1 @@\n-old\n+new\n";
  const result: MockItem = {
    nativeId: `${prefix}_tool_result`,
    kind: "tool_result",
    role: "tool",
    content: [
      { type: "tool_result", call_id, output: "mock search results" },
      { type: "file_ref", path: `${prefix}/readme.md`, action: "read", diff: null },
      { type: "file_ref", path: `${prefix}/output.txt`, action: "write", diff: "+mock output\n" },
      { type: "file_ref", path: `${prefix}/patch.txt`, action: "patch", diff },
    ],
  };
  return [...whole(call), started(result), completed(result, "failed")];
};

export const status: Scene = ({ prefix }) => {
  const item = (detail: string): MockItem => ({
    nativeId: `${prefix}_status`,
    kind: "status",
    role: "assistant",
    content: [{ type: "status", label: "Indexing", detail }],
  });
  return [started(item("2 files")), completed(item("Done"))];
};

export const image: Scene = ({ prefix }) => {
  const item = message(`${prefix}_image`, "Here is a mock image to see.");
  item.content.push({ type: "image", path: `${prefix}/image.png`, mime: "image/png" });
  return whole(item);
};

export const unknown: Scene = ({ prefix }) =>
  whole({ ...message(`${prefix}_unknown`, "An item of unknown kind."), kind: "unknown" });

/** A permission to run a command. */
export function mayRun({ prefix }: MockTurn, command: string): AgentOutput {
  const metadata = { codexRequestKind: "commandExecution", command };
  return askPermission(`${prefix}_permission`, "command_execution", metadata);
}

export const permissions: Scene = (turn) => {
  const metadata = { codexRequestKind: "fileChange", path: `${turn.prefix}/deny.txt` };
  return [
    mayRun(turn, "echo mock"),
    askPermission(`${turn.prefix}_permission_denied`, "file_change", metadata),
  ];
};

export const questions: Scene = ({ prefix }) => [
  askQuestion(`${prefix}_question`, "Choose a color", ["Red", "Blue"]),
  askQuestion(`${prefix}_question_reject`, "Allow mock experiment?", ["Yes", "No"]),
];

export const unparsed: Scene = () => [
  {
    type: "unparsed",
    error: "unsupported payload",
    location: "mock.stream",
    raw: '{"raw":"mock"}',
  },
];

export const error: Scene = (turn) => [
  {
    type: "error",
    error: { message: "Mock error event.", code: "mock_error", details: { mock: true } },
    synthetic: true,
  },
  ...unparsed(turn),
];

export const end: Scene = () => [
  { type: "session.ended", data: { reason: "completed", terminated_by: "agent" } },
];

export const echo: Scene = ({ prefix, text }) => {
  const words = text.split(/\s+/).slice(1);
  return say(`${prefix}_echo`, words.join(" ") || "What shall I say? Write it after `echo`.");
};

export const reply: Scene = ({ prefix, text }) => say(`${prefix}_reply`, text);
