import { batch, signal } from "@preact/signals";
import type { UniversalEvent } from "../../schema/event.ts";
import type { SessionInfo } from "../../schema/session.ts";
import type { SandboxAgentClient } from "../../sdk/client.ts";
import { SandboxAgentError } from "../../sdk/error.ts";
import { sleep } from "../../sdk/timers.ts";
import { breathe } from "./breathe.ts";
import { Conversation } from "./conversation.ts";
import { EventStore } from "./event-store.ts";
import { subjectOf } from "./subject.ts";
import { takeKeys } from "./take-over.ts";

/** How it stands with what is read of the session. */
export type Link =
  | { kind: "loading"; loaded: number; total: number }
  | { kind: "live" }
  /** The connection has broken off; another is being made. */
  | { kind: "broken"; why: string }
  /** The daemon does not know the session (any more). */
  | { kind: "gone" }
  /** It has ended, and all of it has been read. */
  | { kind: "ended" };

const PAGE_EVENTS = 4000;
const PAGES_AT_ONCE = 5;
/** So many events are the end of a long log, which is shown before the rest has been read. */
const END_EVENTS = 500;
/** Before all keys of a whole conversation: what was measured of one row is not taken for another's. */
const KEYS_OF_END = -1_000_000_000;
/** So long at most is worked without letting the browser draw, in milliseconds. */
const SLICE_MS = 8;
/** The same while there is nothing to be seen yet. */
const LOADING_SLICE_MS = 30;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 3000;
const INFO_PAUSE_MS = 150;

/** Reads a session: all of it that there is, and all that comes; over broken connections too. */
export class SessionFeed {
  readonly store = new EventStore();
  /** Of all events; of the last ones alone until those before them have been read. */
  conversation = new Conversation();
  /** Grows at most once a frame, after events have come. */
  readonly tick = signal(0);
  readonly link = signal<Link>({ kind: "loading", loaded: 0, total: 0 });
  readonly info = signal<SessionInfo | undefined>(undefined);
  readonly #client: SandboxAgentClient;
  readonly #sessionId: string;
  readonly #stop = new AbortController();
  /** Of all events that have been read. */
  #whole = this.conversation;
  /** The last events, read before those that precede them. */
  #last: readonly UniversalEvent[] = [];
  #running: Promise<void> | undefined;
  #frame = 0;
  #pauses = 0;
  #isAsking = false;

  constructor(client: SandboxAgentClient, sessionId: string) {
    this.#client = client;
    this.#sessionId = sessionId;
  }

  /** Reads until `close` is called, however often it is asked to; never rejects. */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
        this.link.value = { kind: "ended" };
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
      }
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses++);
      await sleep(pause, signal).catch(() => undefined);
    }
  }

  close(): void {
    this.#stop.abort();
    cancelAnimationFrame(this.#frame);
  }

  /** Asks how the session is, soon and once for many calls. */
  refresh(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { signal } = this.#stop;
    void sleep(INFO_PAUSE_MS, signal)
      .then(() => {
        this.#isAsking = false;
        return this.#client.getSession(this.#sessionId);
      })
      .then((info) => (this.info.value = info))
      .catch(() => undefined);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const info = await this.#client.getSession(this.#sessionId);
    this.#begin(info);
    await this.#showEnd(info, signal);
    const [last] = this.#last;
    if (last) {
      await this.#readPages(last.sequence - 1, signal);
      await this.#takeAll(this.#last);
    }
    await this.#readPages(info.eventCount, signal);
    this.#showWhole();
    this.link.value = { kind: "live" };
    this.#draw();
    await this.#follow(signal);
  }

  /** Forgets what was read where it is of another session, or where what follows it is kept no longer. */
  #begin(info: SessionInfo): void {
    const before = this.info.value;
    const isOther = before !== undefined && before.createdAt !== info.createdAt;
    const isOvertaken = info.firstSequence > this.store.lastSequence + 1;
    if (isOther || isOvertaken) {
      this.store.reset(info.firstSequence);
      this.#whole = new Conversation();
      this.conversation = this.#whole;
      this.#last = [];
    }
    this.info.value = info;
  }

  /** All that comes, until the session has ended. */
  async #follow(signal: AbortSignal): Promise<void> {
    const query = { offset: this.store.lastSequence };
    const options = { reconnect: false };
    let since = performance.now();
    for await (const event of this.#client.streamEvents(this.#sessionId, query, signal, options)) {
      this.#pauses = 0;
      this.#take(event);
      this.#draw();
      if (event.type === "session.ended") return;
      if (performance.now() - since < SLICE_MS) continue;
      await breathe();
      since = performance.now();
    }
    if (this.#whole.hasEnded) return;
    throw new Error("The stream has ended.");
  }

  /** Shows the end, which is what one looks at, while all before it is being read. */
  async #showEnd(info: SessionInfo, signal: AbortSignal): Promise<void> {
    const total = info.eventCount;
    const { events, lastSequence } = this.store;
    if (events.length > 0 || this.#last.length > 0 || total - lastSequence <= PAGE_EVENTS) return;
    const query = { offset: total - END_EVENTS, limit: END_EVENTS };
    const end = await this.#client.getEvents(this.#sessionId, query);
    signal.throwIfAborted();
    this.#last = end.events;
    this.conversation = new Conversation(KEYS_OF_END);
    const told = new Set(this.#last.map(subjectOf));
    for (const permission of info.pendingPermissions) {
      if (!told.has(permission.permission_id)) this.conversation.askPermission(permission);
    }
    for (const question of info.pendingQuestions) {
      if (!told.has(question.question_id)) this.conversation.askQuestion(question);
    }
    for (const event of this.#last) this.conversation.apply(event);
    this.#draw();
  }

  #showWhole(): void {
    this.#last = [];
    if (this.conversation === this.#whole) return;
    takeKeys(this.#whole, this.conversation);
    this.conversation = this.#whole;
  }

  /** What there is by now, in pages: several are on their way while one is read. */
  async #readPages(total: number, signal: AbortSignal): Promise<void> {
    const { store } = this;
    const first = store.lastSequence;
    if (first >= total) return;
    this.link.value = { kind: "loading", loaded: 0, total: total - first };
    const pages: Promise<UniversalEvent[]>[] = [];
    let next = first;
    const ask = () => {
      if (next >= total) return;
      const limit = Math.min(PAGE_EVENTS, total - next);
      const page = this.#client
        .getEvents(this.#sessionId, { offset: next, limit })
        .then(({ events }) => events);
      // Awaited in its turn, or not at all where one before it fails.
      page.catch(() => undefined);
      pages.push(page);
      next += limit;
    };
    for (let n = 0; n < PAGES_AT_ONCE; n++) ask();
    for (let page = pages.shift(); page; page = pages.shift()) {
      const events = await page;
      signal.throwIfAborted();
      ask();
      await this.#takeAll(events);
      this.link.value = {
        kind: "loading",
        loaded: store.lastSequence - first,
        total: total - first,
      };
    }
  }

  async #takeAll(events: readonly UniversalEvent[]): Promise<void> {
    const slice = this.conversation === this.#whole ? LOADING_SLICE_MS : SLICE_MS;
    let since = performance.now();
    for (const event of events) {
      this.#take(event);
      if (event.sequence % 64 !== 0 || performance.now() - since < slice) continue;
      await breathe();
      since = performance.now();
    }
  }

  #take(event: UniversalEvent): void {
    if (event.sequence <= this.store.lastSequence) return;
    this.store.add(event);
    this.#whole.apply(event);
    const { type } = event;
    if (this.link.value.kind !== "live" || type.startsWith("item.")) return;
    this.refresh();
  }

  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.tick.value += 1;
    });
  }

  #failed(error: unknown): void {
    const isGone = error instanceof SandboxAgentError && error.status === 404;
    // Overtaken by what is dropped: the next try begins where there is still something.
    if (error instanceof SandboxAgentError && error.status === 410) this.#pauses = 0;
    // What a browser says of a connection that fails helps nobody.
    const why = error instanceof SandboxAgentError ? error.message : "";
    batch(() => {
      this.link.value = isGone ? { kind: "gone" } : { kind: "broken", why };
      this.tick.value += 1;
    });
  }
}
