import { numberUuids, type Place, replaceMembers, replacePlace } from "../normalize.ts";

/** A conversation with Amp without what differs from run to run. */
export function normalizeAmp(lines: readonly string[], place: Place): string[] {
  const placed = lines.map((line) =>
    replacePlace(line, place)
      .replaceAll(/authToken=\w+/g, "authToken=0000")
      .replaceAll(/\\"pid\\":\d+/g, '\\"pid\\":1000'),
  );
  return numberUuids(placed, []).map((line) =>
    JSON.stringify(
      replaceMembers(JSON.parse(line), (key, value) => {
        // The CLI may print its first line before it has registered its tools.
        if (key === "tools" && Array.isArray(value)) return [];
        return key === "duration_ms" ? 1000 : undefined;
      }),
    ),
  );
}
