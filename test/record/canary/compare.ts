/** A line that both texts have, or only the old or the new one. */
type Marked = ` ${string}` | `-${string}` | `+${string}`;

/** The lines that differ between two recordings, in order, marked with `-` and `+`. */
export function changedLines(before: readonly string[], after: readonly string[]): string[] {
  return aligned(before, after).filter((line) => !line.startsWith(" "));
}

interface GoldenEvent {
  readonly type: string;
  readonly nativeId?: string;
  readonly delta?: string;
  readonly item?: { readonly nativeId: string | null; readonly kind: string };
}

/**
 * Compares two files of golden events. Ignores the size of the pieces of a text, and the output of a
 * command while the command runs. Both depend on timing alone.
 */
export function sameEvents(before: string, after: string): boolean {
  return JSON.stringify(essential(before)) === JSON.stringify(essential(after));
}

function essential(golden: string): GoldenEvent[] {
  const events = JSON.parse(golden) as GoldenEvent[];
  const partial = new Set<string | null | undefined>();
  const kept: GoldenEvent[] = [];
  for (const event of events) {
    const last = kept.at(-1);
    if (event.type === "item.started" && event.item?.kind === "tool_result") {
      partial.add(event.item.nativeId);
    } else if (event.type !== "item.delta") kept.push(event);
    else if (partial.has(event.nativeId)) continue;
    else if (last?.type === "item.delta" && last.nativeId === event.nativeId) {
      kept[kept.length - 1] = { ...last, delta: `${last.delta ?? ""}${event.delta ?? ""}` };
    } else kept.push(event);
  }
  return kept;
}

/** Aligns two lists by their longest common subsequence. */
function aligned(before: readonly string[], after: readonly string[]): Marked[] {
  const lengths = commonLengths(before, after);
  const lines: Marked[] = [];
  let at = 0;
  let to = 0;
  while (at < before.length || to < after.length) {
    const old = before[at];
    const now = after[to];
    if (old !== undefined && old === now) {
      lines.push(` ${old}`);
      at += 1;
      to += 1;
    } else if (old !== undefined && (now === undefined || isRemoved(lengths, at, to))) {
      lines.push(`-${old}`);
      at += 1;
    } else {
      lines.push(`+${now ?? ""}`);
      to += 1;
    }
  }
  return lines;
}

/** True when the alignment drops a line of the old list, not of the new list. */
function isRemoved(lengths: readonly number[][], at: number, to: number): boolean {
  return (lengths[at + 1]?.[to] ?? 0) >= (lengths[at]?.[to + 1] ?? 0);
}

/** The length of the longest common subsequence of every two ends of the lists. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const row = lengths[at] ?? [];
    for (let to = after.length - 1; to >= 0; to -= 1) {
      row[to] =
        before[at] === after[to]
          ? (lengths[at + 1]?.[to + 1] ?? 0) + 1
          : Math.max(lengths[at + 1]?.[to] ?? 0, row[to + 1] ?? 0);
    }
  }
  return lengths;
}
