import {
  error,
  image,
  markdown,
  permissions,
  questions,
  rich,
  type Scene,
  status,
  tool,
  unknown,
} from "./scripts.ts";
import { message, say, whole } from "./outputs.ts";

const system: Scene = ({ prefix }) => {
  const item = message(`${prefix}_system`, "A system message of the mock agent.");
  return whole({ ...item, kind: "system", role: "system" });
};

const blocks: readonly [string, Scene][] = [
  ["Next: a system message.", system],
  ["Next: a message with reasoning, JSON and deltas.", rich],
  ["Next: a status that changes.", status],
  ["Next: a streamed Markdown document.", markdown],
  ["Next: a tool call and its result.", tool],
  ["Next: a message with an image.", image],
  ["Next: an item of unknown kind.", unknown],
  ["Next: two permission requests.", permissions],
  ["Next: two questions.", questions],
  ["Next: an error and an unparsed event.", error],
];

/** Everything the mock can show, each block announced by a message. */
export const demo: Scene = (turn) =>
  blocks.flatMap(([announcement, scene], index) => [
    ...say(`${turn.prefix}_marker_${index + 1}`, announcement),
    ...scene(turn),
  ]);
