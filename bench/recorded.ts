/** Figures of others that were measured before, in the unit of the measure. */
export interface Recorded {
  /**
   * The Rust daemon of the same name, version 0.1.11 built from source: recorded with a script of
   * this kind on a machine of the class that `docs/benchmarks.md` names. It is not part of this
   * project, so it cannot be measured again here.
   */
  reference?: string;
  /** A bare sketch of the hot path on Node, without a product around it; same machine class. */
  spike?: string;
}

/** By the name of the measure. */
export const recorded: Readonly<Record<string, Recorded>> = {
  "ingest-1": { reference: "92,000 (17 % lost)", spike: "202,000" },
  "ingest-20": { reference: "24,000", spike: "100,000" },
  "ingest-200": { reference: "2,600", spike: "12,000" },
  "slow-reader": { reference: "12,000", spike: "20,000" },
  "replay-sse": { reference: "720", spike: "64" },
  "replay-poll": { reference: "220", spike: "40" },
  page: { reference: "0.47", spike: "0.12" },
  "event-memory": { reference: "3,100", spike: "1,400" },
  "idle-sessions": { reference: "144", spike: "31" },
  create: { reference: "6,700", spike: "7,700" },
  "claude-second-turn": { reference: "520" },
};
