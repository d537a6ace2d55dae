import type { Conversation } from "./conversation.ts";
import type { Row } from "./rows.ts";

/**
 * Gives rows of a whole conversation the keys of those that showed the same when only its end was known:
 * so they stay where they are, as high as they were measured, as open and as selected as they are.
 */
export function takeKeys(whole: Conversation, end: Conversation): void {
  const shown = bySubject(end.rows);
  const found = bySubject(whole.rows, shown);
  const taken = new Set<Row>();
  for (const [subject, olds] of shown) {
    const shownIn = whole.find(subject);
    const rows = found.get(subject) ?? (shownIn ? [shownIn] : []);
    for (const [row, old] of pairs(rows, olds)) {
      if (taken.has(row)) continue;
      taken.add(row);
      row.key = old.key;
    }
  }
}

/**
 * Each old row with the one that holds its beginning, or the next before that where two would have the
 * same. Of a message that the end cuts in two the pieces are others, but what is behind them is as long.
 */
function* pairs(rows: readonly Row[], olds: readonly Row[]): Iterable<[Row, Row]> {
  let at = rows.length;
  let behind = 0;
  let wanted = 0;
  for (const old of olds.toReversed()) {
    wanted += sizeOf(old);
    do behind += sizeOf(rows[--at]);
    while (behind < wanted && at > 0);
    const row = rows[at];
    if (!row) return;
    yield [row, old];
  }
}

function sizeOf(row: Row | undefined): number {
  return row?.kind === "text" || row?.kind === "reasoning" ? row.text.length : 1;
}

/** All rows, those below tool calls too; only of some subjects where those are given. */
function bySubject(
  rows: readonly Row[],
  wanted?: ReadonlyMap<string, unknown>,
  found = new Map<string, Row[]>(),
): Map<string, Row[]> {
  for (const row of rows) {
    if (!wanted || wanted.has(row.subject)) {
      const same = found.get(row.subject);
      if (same) same.push(row);
      else found.set(row.subject, [row]);
    }
    if (row.kind === "tool") bySubject(row.children, wanted, found);
  }
  return found;
}
