/** A figure that must be reached. */
export type Bound = { atLeast: number } | { atMost: number };

/** How a daemon is run: from its sources on Node, or as the single-file executable. */
export type Build = "source" | "executable";

/**
 * What a release has to reach on the machine that `docs/benchmarks.md` names, by the name of the
 * measure and in its unit.
 */
export const musts: Readonly<Record<string, Partial<Record<Build, Bound>>>> = {
  "cold-start": { executable: { atMost: 50 } },
  // 65 MB.
  "idle-memory": { executable: { atMost: 62 } },
  health: { executable: { atLeast: 30_000 } },
  agents: { source: { atMost: 50 } },
  "ingest-1": { source: { atLeast: 140_000 }, executable: { atLeast: 200_000 } },
  "ingest-20": { source: { atLeast: 75_000 }, executable: { atLeast: 90_000 } },
  "ingest-200": { source: { atLeast: 9000 }, executable: { atLeast: 10_000 } },
  "slow-reader": { source: { atLeast: 20_000 }, executable: { atLeast: 20_000 } },
  "replay-sse": { source: { atMost: 100 }, executable: { atMost: 90 } },
  "replay-poll": { source: { atMost: 80 }, executable: { atMost: 60 } },
  page: { source: { atMost: 0.5 } },
  "event-memory": { source: { atMost: 1800 }, executable: { atMost: 1000 } },
  "idle-sessions": { source: { atMost: 40 }, executable: { atMost: 40 } },
  create: { source: { atLeast: 4000 }, executable: { atLeast: 5000 } },
  "claude-second-turn": { source: { atMost: 80 } },
  "codex-second-turn": { source: { atMost: 80 } },
  "opencode-second-turn": { source: { atMost: 150 } },
  "inspector-open": { source: { atMost: 1000 } },
  "inspector-heap": { source: { atMost: 150 } },
  // Two frames of a screen at 60 Hz.
  "inspector-frame": { source: { atMost: 33.4 } },
  "inspector-task": { source: { atMost: 100 } },
};
