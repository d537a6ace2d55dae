/** Figures of others that were measured before, in the unit of the measure. */
export interface Recorded {
  /**
   * The Rust daemon of the same name, version 0.1.11 built from source: recorded with a script of
   * this kind on a machine of the class that `docs/benchmarks.md` names. It is not part of this
   * project, so it cannot be measured again here.
   */
  reference?: string;
  /** A bare sketch of the hot path on Node, without a product around it; same machine class. */
  node?: string;
  /** The same on Bun, which the executable runs on. */
  bun?: string;
}

/** By the name of the measure. */
export const recorded: Readonly<Record<string, Recorded>> = {
  "cold-start": { reference: "120", bun: "29" },
  "idle-memory": { reference: "19", bun: "34" },
  health: { reference: "64,000", bun: "49,000" },
  "ingest-1": { reference: "92,000 (17 % lost)", node: "202,000", bun: "307,000" },
  "ingest-20": { reference: "24,000", node: "100,000", bun: "115,000" },
  "ingest-200": { reference: "2,600", node: "12,000", bun: "12,700" },
  "slow-reader": { reference: "12,000", node: "20,000" },
  "replay-sse": { reference: "720", node: "64", bun: "60" },
  "replay-poll": { reference: "220", node: "40", bun: "29" },
  page: { reference: "0.47", node: "0.12" },
  "event-memory": { reference: "3,100", node: "1,400", bun: "763" },
  "idle-sessions": { reference: "144", node: "31", bun: "30" },
  create: { reference: "6,700", node: "7,700", bun: "9,100" },
  "claude-second-turn": { reference: "520" },
};
