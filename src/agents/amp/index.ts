import { unavailableAgent } from "../unavailable.ts";

/** Amp. */
export const ampAgent = unavailableAgent("amp", ["anthropic"]);
