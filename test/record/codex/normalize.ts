import {
  numberUuids,
  Numbering,
  type Place,
  replaceMembers,
  replacePlace,
  TIME_MS,
} from "../normalize.ts";

const IDS = ["threadId", "turnId"];
const NO_INSTALLATION = "00000000-0000-4000-8000-000000000000";

/** The place of a run of Codex. */
export interface CodexPlace extends Place {
  /** The folder of the executable, with its helpers. */
  readonly executable: string;
  /** The folder of the fixtures. */
  readonly fixtures: string;
}

/** A conversation with `codex app-server` without what differs from run to run. */
export function normalizeCodex(lines: readonly string[], place: CodexPlace): string[] {
  const placed = lines.map((line) =>
    replacePlace(line, place)
      .replaceAll(place.executable, "/opt/codex")
      .replaceAll(place.fixtures, "/fixtures")
      .replaceAll(process.execPath, "/opt/node/bin/node")
      .replaceAll(/sessions\/\d{4}\/\d\d\/\d\d\/rollout-[\dT-]{19}-/g, ROLLOUT),
  );
  const processes = new Numbering((number) => String(1000 + number));
  return numberUuids(placed, IDS).map((line) =>
    JSON.stringify(
      replaceMembers(JSON.parse(line), (key, value) => constant(key, value, processes)),
    ),
  );
}

const ROLLOUT = "sessions/2026/01/01/rollout-2026-01-01T00-00-00-";

function constant(key: string, value: unknown, processes: Numbering): unknown {
  if (typeof value === "number") {
    if (key.endsWith("AtMs")) return TIME_MS;
    if (key.endsWith("At")) return TIME_MS / 1000;
    if (key === "durationMs") return 1000;
    return undefined;
  }
  if (typeof value !== "string") return undefined;
  if (key === "processId") return processes.of(value);
  if (key === "serverName" && !SERVERS_OF_TOOLS.has(value)) return "host";
  if (key === "installationId") return NO_INSTALLATION;
  if (key === "userAgent") return value.replace(/\(.*?\) \S+ /, "(Linux; x86_64) unknown ");
  return undefined;
}

/** The MCP servers of the scenarios; `serverName` of anything else is the name of the host. */
const SERVERS_OF_TOOLS = new Set(["tiny", "broken"]);
