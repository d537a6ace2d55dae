import { EventBuffer } from "../../src/sessions/event-buffer.ts";
import { counted, type Sample } from "./inside.ts";
import { budget, type SoakReport } from "./soak.ts";

const KiB = 2 ** 10;
const MiB = 2 ** 20;
/** What the daemon may use beside its budget, as in the test of the budget alone. */
const headroom = 60 * MiB;
/** A session with an open stream, resident: its objects and its socket's buffers on both sides. */
const sessionResident = 64 * KiB;
/** The same, of the heap alone: 18 KiB as measured. */
const sessionHeap = 32 * KiB;
/**
 * The heap at rest differs a little from moment to moment, and what each session remembers of its
 * last items fills up within its first turns: 1.8 KiB as measured. A table that grew with every turn
 * would pass that within a minute of the long form.
 */
const heapTolerance = (sessions: number): number => 256 * KiB + sessions * 2 * KiB;
/** Tables that have grown and code that has been compiled stay. */
const heapLeft = MiB;
/** Memory that the event buffer keeps for the next events, from the first sample on. */
const spare = new EventBuffer(budget).spareBytes;
/** Bound of all other buffers: an idle daemon has 0.3 MiB, and at rest no event waits for a reader. */
const otherBuffers = MiB / 2;

/** A sentence that must be true of a soak. */
export interface Requirement {
  title: string;
  /** What contradicts it; nothing where it is met. */
  contradictions: (report: SoakReport) => string[];
}

export const requirements: readonly Requirement[] = [
  {
    title: "every message is accepted, and its turn ends as completed",
    contradictions: ({ sessions, seconds, end }) => [
      ...differ("messages accepted", end.accepted, sessions * seconds),
      ...differ("turns ended", end.turnsEnded, sessions * seconds),
    ],
  },
  {
    title: "every reader sees every event of its session once, in order",
    contradictions: ({ end, tallies }) => [
      ...differ("events lost", end.lost, 0),
      ...tallies.flatMap(({ lost }, index) => differ(`lost in part ${index + 1}`, lost, 0)),
      ...end.faults,
    ],
  },
  {
    title: "no stream breaks off, and each ends by itself when its session is deleted",
    contradictions: ({ sessions, tallies, end }) => [
      ...tallies.flatMap(({ streams }) => differ("streams open", streams.open, sessions)),
      ...differ("streams ended by themselves", end.streams.ended, sessions),
    ],
  },
  {
    title: "the event budget is reached, and there is work after that",
    contradictions: (report) =>
      afterBudget(report).length >= 2 ? [] : ["the budget was not reached, or only at the end"],
  },
  {
    title: "resident memory stays within idle, budget, headroom and what the sessions cost",
    contradictions: ({ sessions, before, resident }) => {
      const bound = before.residentBytes + budget + headroom + sessions * sessionResident;
      return atMost("resident bytes", Math.max(...resident.flat()), bound);
    },
  },
  {
    title: "the heap is flat once the budget has been reached",
    contradictions: (report) => {
      const [first, ...later] = afterBudget(report);
      const bound = (first?.heapBytes ?? 0) + heapTolerance(report.sessions);
      return later.flatMap(({ heapBytes }) => atMost("bytes of heap", heapBytes, bound));
    },
  },
  {
    title: "buffers hold the budget and the spare memory, no more",
    contradictions: ({ before, rests, open }) => [
      ...atMost("bytes of buffers before", before.bufferBytes, spare + otherBuffers),
      ...rests.flatMap(({ bufferBytes }) =>
        atMost("bytes of buffers", bufferBytes, open.bufferBytes + budget + otherBuffers),
      ),
    ],
  },
  {
    title: "a session with an open stream costs little",
    contradictions: ({ sessions, before, open }) =>
      atMost("bytes of heap for each", (open.heapBytes - before.heapBytes) / sessions, sessionHeap),
  },
  {
    title: "descriptors, timers and listeners do not grow with turns",
    contradictions: ({ open, rests }) =>
      rests.flatMap((rest, index) => growth(`rest ${index + 1}`, open, rest)),
  },
  {
    title: "descriptors, timers, listeners and heap return when all sessions are gone",
    contradictions: ({ before, after }) => [
      ...growth("the end", before, after),
      ...atMost("bytes of heap", after.heapBytes, before.heapBytes + heapLeft),
      ...atMost("bytes of buffers", after.bufferBytes, before.bufferBytes + otherBuffers),
    ],
  },
  {
    title: "the daemon has nothing to warn of",
    contradictions: ({ stderr }) => (stderr === "" ? [] : [stderr]),
  },
];

/**
 * The samples after the one at which the budget was first seen to be reached: what each session
 * remembers besides its events has a bound too, and by then its tables have their size.
 */
function afterBudget({ rests, tallies }: SoakReport): Sample[] {
  const reached = tallies.findIndex(
    ({ eventBytes, droppedFrom }) => eventBytes > budget * 0.9 && droppedFrom > 0,
  );
  return reached === -1 ? [] : rests.slice(reached + 1);
}

function growth(moment: string, from: Sample, to: Sample): string[] {
  return counted.flatMap((name) => atMost(`${name} at ${moment}`, to[name], from[name]));
}

function differ(what: string, found: number, wanted: number): string[] {
  return found === wanted ? [] : [`${what}: ${found}, not ${wanted}`];
}

function atMost(what: string, found: number, bound: number): string[] {
  return found <= bound ? [] : [`${what}: ${found}, more than ${bound}`];
}
