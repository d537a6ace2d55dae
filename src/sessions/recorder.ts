import type { AgentItem, AgentPart } from "../agents/agent.ts";
import { BoundedText } from "../io/bounded-text.ts";
import { escapeLineEnds } from "../io/escape-line-ends.ts";
import type { ContentPart } from "../schema/content.ts";
import type { EventBody } from "../schema/event.ts";
import type { UniversalItem } from "../schema/item.ts";
import type { EventLog } from "./event-log.ts";
import { ItemIds } from "./item-ids.ts";
import type { SessionImages } from "./session-images.ts";
import { advance, initialState, type SessionState } from "./session-state.ts";

/** Where an event comes from, and the agent's own message. */
export interface Origin {
  synthetic: boolean;
  raw?: string | undefined;
}

/** Made by the daemon. */
export const SYNTHETIC: Origin = { synthetic: true };

/** Items that ended with their turn and may go on: work in the background does. */
const MAX_CUT = 50;
/** Items that are open at once; the oldest of more is completed as failed. */
const MAX_OPEN = 1000;
/** Characters of text that are kept of all open items together. */
const MAX_KEPT = 8 * 1024 * 1024;

interface OpenItem {
  item: UniversalItem;
  /** The deltas so far; undefined before the first. Only the beginning of a long text is kept. */
  text?: BoundedText;
}

/**
 * Writes a session's events: stamps sequence, time and ids, sees to it that items are well formed
 * (started, deltas, completed), and keeps the state that the events add up to.
 */
export class Recorder {
  readonly log: EventLog;
  nativeSessionId: string | null = null;
  state: SessionState = initialState;
  readonly createdAt: number;
  updatedAt: number;
  readonly #now: () => number;
  readonly #sessionId: string;
  readonly #images: SessionImages;
  readonly #ids = new ItemIds();
  readonly #open = new Map<string, OpenItem>();
  /** Items that ended as failed because their turn did, by our id. */
  readonly #cut = new Map<string, OpenItem>();
  /** Characters that are kept of the texts of open and cut items. */
  #kept = 0;
  #time = "";

  constructor(sessionId: string, log: EventLog, now: () => number, images: SessionImages) {
    this.#images = images;
    this.#sessionId = JSON.stringify(sessionId);
    this.log = log;
    this.#now = now;
    this.createdAt = now();
    this.updatedAt = this.createdAt;
  }

  /** Records one event; returns its sequence. */
  record(body: EventBody, { synthetic, raw }: Origin = SYNTHETIC): number {
    this.#tick();
    const source = synthetic ? "daemon" : "agent";
    const rest =
      `"time":"${this.#time}","session_id":${this.#sessionId},` +
      `"native_session_id":${JSON.stringify(this.nativeSessionId)},"synthetic":${synthetic},` +
      `"source":"${source}","type":"${body.type}","data":${JSON.stringify(body.data)},"raw":null}`;
    const safe = escapeLineEnds(rest);
    const recorded = this.log.append(
      (sequence) => `{"event_id":"evt_${sequence}","sequence":${sequence},${safe}`,
      raw && escapeLineEnds(raw),
    );
    // An event that cannot be serialised or kept has changed nothing.
    this.state = advance(this.state, body);
    return recorded;
  }

  /** Records the start of an item; one that is open already is not started again. */
  startItem(item: AgentItem, origin: Origin): void {
    const universal = this.#universal(item);
    if (this.#open.has(universal.item_id)) return;
    this.#start(universal, origin);
  }

  /** Records more text of an item; an item nobody started is started as an assistant's message. */
  addDelta(nativeId: string, delta: string, origin: Origin): void {
    const item_id = this.#idOf(nativeId);
    const open =
      this.#open.get(item_id) ??
      this.#start({ ...emptyMessage, item_id, native_item_id: nativeId }, SYNTHETIC);
    this.#keep(open, delta);
    this.record({ type: "item.delta", data: { item_id, native_item_id: nativeId, delta } }, origin);
  }

  /**
   * Records the end of an item. One that was never started is started first, and a message that
   * came without deltas gets its whole text as one.
   */
  completeItem(item: AgentItem, origin: Origin): void {
    const universal = this.#universal(item);
    const { item_id, native_item_id } = universal;
    const open = this.#open.get(item_id) ?? this.#start({ ...universal, status: "in_progress" });
    if (universal.kind === "message" && universal.role !== "user" && open.text === undefined) {
      const delta = textOf(universal.content);
      if (delta) this.record({ type: "item.delta", data: { item_id, native_item_id, delta } });
    }
    this.record({ type: "item.completed", data: { item: universal } }, origin);
    this.#close(open);
  }

  /** Completes as failed an item that the agent gave up. */
  failItem(nativeId: string): void {
    const id = this.#ids.find(nativeId);
    const open = id === undefined ? undefined : this.#open.get(id);
    if (open) this.#fail(open);
  }

  /** Completes as failed whatever the agent left open, and forgets most of what is complete. */
  closeItems(): void {
    for (const open of this.#open.values()) {
      this.#fail(open);
      this.#cut.set(open.item.item_id, open);
    }
    for (const oldest of this.#cut.keys()) {
      if (this.#cut.size <= MAX_CUT) break;
      this.#cut.delete(oldest);
    }
    this.#kept = 0;
    for (const { text } of this.#cut.values()) this.#kept += text?.kept ?? 0;
    this.#ids.trim();
  }

  /** Our id of a native item that has been recorded. */
  findItemId(nativeId: string): string | undefined {
    return this.#ids.find(nativeId);
  }

  #keep(open: OpenItem, delta: string): void {
    open.text ??= new BoundedText();
    const before = open.text.kept;
    open.text.add(delta, MAX_KEPT - this.#kept);
    this.#kept += open.text.kept - before;
  }

  #close(open: OpenItem): void {
    if (this.#open.delete(open.item.item_id)) this.#kept -= open.text?.kept ?? 0;
  }

  #fail(open: OpenItem): void {
    this.#close(open);
    const item: UniversalItem = { ...open.item, content: soFar(open), status: "failed" };
    try {
      this.record({ type: "item.completed", data: { item } });
    } catch {
      // Its end matters more than its content.
      this.record({ type: "item.completed", data: { item: { ...item, content: [] } } });
    }
  }

  #start(item: UniversalItem, origin: Origin = SYNTHETIC): OpenItem {
    const open: OpenItem = { item };
    this.record({ type: "item.started", data: { item } }, origin);
    this.#open.set(item.item_id, open);
    const [oldest] = this.#open.values();
    if (oldest && this.#open.size > MAX_OPEN) this.#fail(oldest);
    return open;
  }

  /** Our id of a native item. One that has ended with its turn goes on as another, with what it had said. */
  #idOf(nativeId: string | null): string {
    const id = this.#ids.of(nativeId);
    const cut = this.#cut.get(id);
    if (nativeId === null || !cut) return id;
    this.#cut.delete(id);
    const item_id = this.#ids.renew(nativeId);
    const { item, text } = cut;
    const open = this.#start({ ...item, item_id });
    if (text !== undefined) {
      open.text = text;
      const data = { item_id, native_item_id: nativeId, delta: text.toString() };
      this.record({ type: "item.delta", data });
    }
    return item_id;
  }

  #universal(item: AgentItem): UniversalItem {
    const { nativeId, parentNativeId, kind, role, content, status, subagent } = item;
    return {
      item_id: this.#idOf(nativeId),
      native_item_id: nativeId,
      parent_id: parentNativeId ? this.#ids.of(parentNativeId) : null,
      kind,
      role,
      content: content.map((part) => this.#part(part)),
      status,
      ...(subagent && { subagent }),
    };
  }

  #part(part: AgentPart): ContentPart {
    if (part.type === "image") this.#images.add(part.path);
    if (part.type !== "image_data") return part;
    const { data, mime } = part;
    try {
      return { type: "image", path: this.#images.save(Buffer.from(data, "base64"), mime), mime };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const detail = `an image could not be saved: ${why}`;
      return { type: "status", label: "warning", detail };
    }
  }

  // The text of a time is made once a millisecond, not once an event. A clock that is set back does not
  // take the events of a session back with it.
  #tick(): void {
    const now = Math.max(this.updatedAt, this.#now());
    if (now === this.updatedAt && this.#time) return;
    this.updatedAt = now;
    this.#time = new Date(now).toISOString();
  }
}

const emptyMessage = {
  parent_id: null,
  kind: "message",
  role: "assistant",
  content: [],
  status: "in_progress",
} satisfies Partial<UniversalItem>;

/** The content of an item that ends early: its first part with the text that its deltas add up to. */
function soFar({ item, text: collected }: OpenItem): ContentPart[] {
  if (collected === undefined) return item.content;
  const text = collected.toString();
  const [first, ...rest] = item.content;
  switch (first?.type) {
    case "text":
    case "reasoning":
      return [{ ...first, text }, ...rest];
    case "tool_result":
      return [{ ...first, output: text }, ...rest];
    default:
      return [...item.content, { type: "text", text }];
  }
}

function textOf(content: ContentPart[]): string {
  const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  if (texts.length > 0) return texts.join("\n");
  return content.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])).join("\n");
}
