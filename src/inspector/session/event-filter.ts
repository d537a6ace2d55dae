import type { UniversalEvent, UniversalEventType } from "../../schema/event.ts";
import { breathe } from "./breathe.ts";
import type { EventStore } from "./event-store.ts";
import { subjectOf } from "./subject.ts";

/** Which events are shown. */
export interface EventQuery {
  /** None: all. */
  types: ReadonlySet<UniversalEventType>;
  text: string;
  subject: string | undefined;
}

const SLICE = 5000;

/** Those events of a store that are asked for; each is looked at once, however many come. */
export class EventFilter {
  /** Their sequences. */
  readonly found: number[] = [];
  readonly #store: EventStore;
  readonly #accepts: (event: UniversalEvent) => boolean;
  #next: number;
  #isStopped = false;

  constructor(store: EventStore, query: EventQuery) {
    this.#store = store;
    this.#accepts = accepting(query);
    this.#next = store.firstSequence;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Looks at what it has not seen; a little at a time, and tells after each. */
  async look(tell: () => void): Promise<void> {
    while (!this.#isStopped && this.step()) {
      tell();
      await breathe();
    }
    tell();
  }

  /** Looks at a few more; whether there are others after those. */
  step(): boolean {
    const to = Math.min(this.#store.lastSequence, this.#next + SLICE - 1);
    for (let sequence = this.#next; sequence <= to; sequence++) {
      const event = this.#store.at(sequence);
      if (event && this.#accepts(event)) this.found.push(sequence);
    }
    this.#next = to + 1;
    return to < this.#store.lastSequence;
  }
}

function accepting({ types, text, subject }: EventQuery): (event: UniversalEvent) => boolean {
  const wanted = text.trim().toLowerCase();
  return (event) => {
    if (types.size > 0 && !types.has(event.type)) return false;
    if (subject !== undefined && subjectOf(event) !== subject) return false;
    return wanted === "" || textOf(event).includes(wanted);
  };
}

function textOf({ type, data }: UniversalEvent): string {
  // Most events are these.
  if (type === "item.delta") return `${type} ${data.item_id} ${data.delta}`.toLowerCase();
  return `${type} ${JSON.stringify(data)}`.toLowerCase();
}
