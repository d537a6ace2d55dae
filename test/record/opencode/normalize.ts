import {
  Numbering,
  padded,
  type Place,
  replaceMembers,
  replacePlace,
  TIME,
  TIME_MS,
} from "../normalize.ts";

/** Types of events that are left out of a recording unless the recording keeps them. */
export type LeftOut = "sync" | "plugin.added";

const ID = /\b(evt|ses|msg|prt|per|que|tool)_[0-9a-f]{12}[0-9A-Za-z]{14}\b/g;
const PLAN = /plans\/\d+-[a-z-]+\.md/g;
const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** Numbers from here on are times in milliseconds. */
const TIMES_FROM = 1e12;

/** A conversation with `opencode serve` without the parts that differ from run to run. */
export function normalizeOpencode(
  lines: readonly string[],
  place: Place,
  keeps: readonly LeftOut[] = [],
): string[] {
  const numberings = new Map<string, Numbering>();
  const numbered = (kind: string, id: string): string => {
    // Each line of an event has an id of its own, which no other line refers to.
    if (kind === "evt") return `evt_${padded(0, 12)}`;
    const numbering = numberings.get(kind) ?? new Numbering((n) => `${kind}_${padded(n, 12)}`);
    numberings.set(kind, numbering);
    return numbering.of(id);
  };
  return lines.flatMap((line) => {
    const parsed: unknown = JSON.parse(line);
    if (isLeftOut(parsed as Line, keeps)) return [];
    const text = JSON.stringify(withoutPrompts(parsed as Line));
    const named = replaceRelative(replacePlace(text, place), place)
      .replaceAll(ID, (id, kind: string) => numbered(kind, id))
      .replaceAll(PLAN, `plans/${TIME_MS}-session.md`)
      .replaceAll(ISO_TIME, TIME);
    return [JSON.stringify(replaceMembers(JSON.parse(named), constant))];
  });
}

interface Line {
  readonly from: string;
  readonly body?: unknown;
  readonly event?: { readonly payload: { readonly type: string } };
}

function isLeftOut({ event }: Line, keeps: readonly LeftOut[]): boolean {
  const type = event?.payload.type;
  if (type === "server.heartbeat") return true;
  return (type === "sync" || type === "plugin.added") && !keeps.includes(type);
}

/** Empties the prompts and permissions in a list of agents, and the templates in a list of commands. */
function withoutPrompts(line: Line): unknown {
  const { body } = line;
  if (!Array.isArray(body)) return line;
  const isList = body.some(
    (entry) =>
      typeof entry === "object" && entry !== null && ("native" in entry || "hints" in entry),
  );
  if (!isList) return line;
  return replaceMembers(line, (key, value) => {
    if (key === "permission") return [];
    return (key === "prompt" || key === "template") && typeof value === "string" ? "" : undefined;
  });
}

/** Replaces the folders in paths that are relative to the root of the file system. */
function replaceRelative(text: string, { home, work, root }: Place): string {
  return text
    .replaceAll(work.slice(1), "work/project")
    .replaceAll(home.slice(1), "home/dev")
    .replaceAll(root.slice(1), "sandbox");
}

function constant(key: string, value: unknown): unknown {
  if (key === "slug") return "session";
  if (key === "date" && typeof value === "string") return new Date(TIME_MS).toUTCString();
  if (typeof value !== "number" || value < TIMES_FROM) return undefined;
  // A duration is the time between `start` and `end`.
  return key === "end" ? TIME_MS + 1000 : TIME_MS;
}
