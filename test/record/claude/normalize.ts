import {
  numberUuids,
  Numbering,
  padded,
  type Place,
  replaceMembers,
  replacePlace,
  TIME,
  TIME_MS,
} from "../normalize.ts";

/** Lists that depend on the release alone, and are long. */
const EMPTIED = new Set(["commands", "agents", "models", "slash_commands", "skills", "plugins"]);
const IDS = ["session_id", "command_uuid", "request_id"];
const DURATION = /(_ms|Ms)$/;
const TASK_IDS = /"(?:task_id|agent_id|agentId|backgroundTaskId)":"(\w+)"/g;
const JOB_IDS = /recurring job (\w+)/g;

/** The lines of Claude Code without what differs from run to run. */
export function normalizeClaude(lines: readonly string[], place: Place): string[] {
  const placed = lines.map((line) => replacePlace(line, place));
  return numberUuids(renameIds(placed), IDS).map((line) => {
    const value: unknown = JSON.parse(line);
    const lists = hasLists(value) ? EMPTIED : new Set<string>();
    const replaced = replaceMembers(value, (key, member) =>
      lists.has(key) && Array.isArray(member) ? [] : constant(key, member),
    );
    return replaceTimes(JSON.stringify(replaced));
  });
}

/** Numbers the ids of tasks, agents and jobs, which also occur in texts. */
function renameIds(lines: string[]): string[] {
  const all = lines.join("\n");
  const ids = [TASK_IDS, JOB_IDS].flatMap((pattern) =>
    [...all.matchAll(pattern)].map(([, id = ""]) => id),
  );
  const names = new Numbering((number) => `task${padded(number, 4)}`);
  return [...new Set(ids)].reduce(
    (renamed, id) => renamed.map((line) => line.replaceAll(id, names.of(id))),
    lines,
  );
}

/** The response to `initialize`, and the line that begins a turn. */
function hasLists(value: unknown): boolean {
  const { type, subtype } = value as { type?: string; subtype?: string };
  return type === "control_response" || (type === "system" && subtype === "init");
}

function constant(key: string, value: unknown): unknown {
  if (key === "run_id") return "run";
  if (key === "total_tokens" && typeof value === "number") return 1000;
  if (key === "pre_tokens" || key === "post_tokens") return 1000;
  if (key === "pid" && typeof value === "number") return 1000;
  if (key === "scheduledFor" || key === "nextFireAt" || key === "end_time") return TIME_MS;
  if (key === "messaging_socket_path") return "/sandbox/run/cc-socks/1000.sock";
  if (DURATION.test(key) && typeof value === "number" && key !== "maxAgeMs") return 1000;
  return undefined;
}

function replaceTimes(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, TIME)
    .replaceAll(/\b[A-Z][a-z]{2} \d{1,2} \d{1,2}:\d\d[ap]m/g, "Jan 1 0:01am")
    .replaceAll(/scheduled for \d\d:\d\d:\d\d \(in \d+s\)/g, "scheduled for 00:01:00 (in 60s)")
    .replaceAll(/blob-\d{13}-\w{6}/g, `blob-${TIME_MS}-000000`)
    .replaceAll(/(duration \((?:API|wall)\): +)\d+s/g, "$11s")
    .replaceAll(/duration_ms: \d+/g, "duration_ms: 1000")
    .replaceAll(/tool-results\/\w{9}\.txt/g, "tool-results/output001.txt")
    .replaceAll(/only ~\d+ tokens/g, "only ~1000 tokens")
    .replaceAll(/\/plans\/go-plan-[\w-]+\.md/g, "/plans/go-plan-quiet-river.md");
}
