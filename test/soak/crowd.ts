import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SessionListResponse } from "../../src/schema/session.ts";
import type { Tally } from "./commands.ts";
import { Calls } from "./http.ts";
import { StreamCheck } from "./stream-check.ts";

const settleMs = 60_000;
const tickMs = 4;
const faultsKept = 10;

interface Member {
  check: StreamCheck;
  accepted: number;
  /** When the messages were sent whose turns have not ended. */
  sentAt: number[];
  /** Resolves when the stream has ended, whether as it should or not. */
  over: Promise<void>;
}

/** Clients of one daemon: each creates a session, reads its stream and talks. */
export class Crowd {
  readonly #calls: Calls;
  readonly #members: Member[] = [];
  readonly #turnMs: number[] = [];
  readonly #faults: string[] = [];
  readonly #streams = { open: 0, ended: 0 };
  #refused = 0;
  #latestMs = 0;

  constructor(url: string) {
    this.#calls = new Calls(url);
  }

  /** Creates sessions and opens a stream of each. */
  async open(sessions: number): Promise<void> {
    for (let index = 0; index < sessions; index++) await this.#openOne(`soak-${index}`);
    await this.#settle();
  }

  /** Lets each session have a turn each second, all of them evenly spread. */
  async talk({ seconds, messageBytes }: { seconds: number; messageBytes: number }): Promise<void> {
    const start = performance.now();
    const slotMs = 1000 / this.#members.length;
    const posts: Promise<void>[] = [];
    for (let index = 0; index < seconds * this.#members.length; index++) {
      const due = start + index * slotMs;
      while (performance.now() < due) await sleep(tickMs);
      this.#latestMs = Math.max(this.#latestMs, performance.now() - due);
      const member = this.#members[index % this.#members.length];
      if (member) posts.push(this.#post(member, messageBytes));
    }
    await Promise.all(posts);
    // The last turn began up to a second ago.
    await this.#settle();
  }

  /** Deletes all sessions and waits until their streams have ended. */
  async close(): Promise<Tally> {
    const tally = await this.tally();
    await Promise.all(
      this.#members.map(async ({ check, over }) => {
        const { status } = await this.#calls.call("DELETE", `/v1/sessions/${check.sessionId}`);
        if (status !== 204) this.#note(`${check.sessionId}: its deletion was answered ${status}`);
        await Promise.race([over, sleep(settleMs, undefined, { ref: false })]);
      }),
    );
    this.#calls.dropConnections();
    return { ...tally, streams: { ...this.#streams }, faults: this.#firstFaults() };
  }

  async tally(): Promise<Tally> {
    const infos = await this.#infos();
    const metrics = await this.#calls.call("GET", "/metrics");
    this.#calls.dropConnections();
    const checks = this.#members.map(({ check }) => check);
    const kept = infos.map(({ eventCount, firstSequence }) => eventCount - firstSequence + 1);
    const recorded = sum(infos.map(({ eventCount }) => eventCount));
    const last = sum(checks.map(({ last }) => last));
    const skipped = sum(checks.map(({ lost }) => lost));
    return {
      accepted: sum(this.#members.map(({ accepted }) => accepted)),
      refused: this.#refused,
      turnsEnded: sum(checks.map(({ turnsEnded }) => turnsEnded)),
      events: last - skipped,
      lost: skipped + recorded - last,
      droppedFrom: infos.filter(({ firstSequence }) => firstSequence > 1).length,
      eventBytes: Number(/^sandbox_agent_event_buffer_bytes (\d+)$/m.exec(metrics.text)?.[1]),
      kept: { all: sum(kept), fewest: Math.min(...kept) },
      streams: { ...this.#streams },
      faults: this.#firstFaults(),
      turnMs: figuresOf(this.#turnMs),
      latestMs: Math.round(this.#latestMs),
    };
  }

  async #openOne(id: string): Promise<void> {
    const path = `/v1/sessions/${id}`;
    const { status, text } = await this.#calls.call("POST", path, { agent: "mock" });
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    const stream = await this.#calls.stream(`${path}/events/sse`);
    const check = new StreamCheck(id);
    const member: Member = { check, accepted: 0, sentAt: [], over: this.#read(stream, check) };
    check.onTurnEnded = () => {
      this.#turnMs.push(performance.now() - (member.sentAt.shift() ?? 0));
    };
    this.#members.push(member);
  }

  async #read(stream: IncomingMessage, check: StreamCheck): Promise<void> {
    this.#streams.open += 1;
    stream.on("data", (chunk: Buffer) => check.push(chunk));
    try {
      await finished(stream);
      if (check.sessionEnded) this.#streams.ended += 1;
    } catch (error) {
      this.#note(`${check.sessionId}: its stream broke off after ${check.last}: ${String(error)}`);
    }
    this.#streams.open -= 1;
    check.isOver = true;
  }

  async #post(member: Member, messageBytes: number): Promise<void> {
    const { sessionId } = member.check;
    const message = "A message of a soak. ".padEnd(messageBytes, "so it goes on ");
    member.sentAt.push(performance.now());
    const path = `/v1/sessions/${sessionId}/messages`;
    const { status, text } = await this.#calls.call("POST", path, { message });
    if (status === 204) {
      member.accepted += 1;
      return;
    }
    this.#refused += 1;
    this.#note(`${sessionId}: a message was answered ${status} ${text}`);
  }

  /** Waits until every turn has ended and every event has come; gives up in the end, for the tally to tell. */
  async #settle(): Promise<void> {
    const deadline = performance.now() + settleMs;
    while (performance.now() < deadline) {
      await sleep(50);
      // Of a stream that broke off nothing comes any more.
      const reading = this.#members.filter(({ check }) => !check.isOver);
      if (reading.some(({ check, accepted }) => check.turnsEnded < accepted)) continue;
      const counts = new Map(
        (await this.#infos()).map((info) => [info.sessionId, info.eventCount]),
      );
      if (reading.every(({ check }) => check.last === counts.get(check.sessionId))) return;
    }
  }

  async #infos(): Promise<SessionListResponse["sessions"]> {
    const { text } = await this.#calls.call("GET", "/v1/sessions");
    return SessionListResponse.parse(JSON.parse(text)).sessions;
  }

  #note(fault: string): void {
    this.#faults.push(fault);
  }

  #firstFaults(): string[] {
    const ofStreams = this.#members.flatMap(({ check }) => check.fault ?? []);
    return [...ofStreams, ...this.#faults].slice(0, faultsKept);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function figuresOf(times: readonly number[]): Tally["turnMs"] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return { median: at(0.5), p99: at(0.99), longest: at(1) };
}
