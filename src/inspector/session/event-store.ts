import type { UniversalEvent, UniversalEventType } from "../../schema/event.ts";

/** The events of a session that have been read, by their sequences. */
export class EventStore {
  readonly events: UniversalEvent[] = [];
  /** How many there are of each type. */
  readonly counts = new Map<UniversalEventType, number>();
  /** One of each text that nearly all events have. */
  readonly #texts = new Map<string, string>();
  #firstSequence = 1;

  /** The sequence of the first event that can be read; those before are kept by nobody. */
  get firstSequence(): number {
    return this.#firstSequence;
  }

  get lastSequence(): number {
    return this.#firstSequence + this.events.length - 1;
  }

  /** Forgets what was read: the first that comes now has this sequence. */
  reset(firstSequence: number): void {
    this.events.length = 0;
    this.counts.clear();
    this.#firstSequence = firstSequence;
  }

  add(event: UniversalEvent): void {
    event.session_id = this.#shared(event.session_id);
    if (event.native_session_id) event.native_session_id = this.#shared(event.native_session_id);
    if (event.type === "item.delta" && event.data.native_item_id) {
      event.data.native_item_id = this.#shared(event.data.native_item_id);
    }
    this.events.push(event);
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
  }

  at(sequence: number): UniversalEvent | undefined {
    return this.events[sequence - this.#firstSequence];
  }

  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size > 1000) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
