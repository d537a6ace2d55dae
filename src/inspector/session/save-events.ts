import type { EventStore } from "./event-store.ts";

/** Hands events over as a file, one in a line. */
export function saveEvents(
  sessionId: string,
  sequences: readonly number[],
  store: EventStore,
): void {
  const lines = sequences.map((sequence) => `${JSON.stringify(store.at(sequence))}\n`);
  const url = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${sessionId}.jsonl`;
  link.click();
  URL.revokeObjectURL(url);
}
