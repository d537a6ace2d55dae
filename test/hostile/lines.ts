import { expect } from "vitest";
import type { RealAgent } from "../support/agent-daemon.ts";
import { fuzz } from "./fuzz.ts";

/** Hostile lines of an agent; `npm run hostile` sets the number of the long form. */
const LINES = Number(process.env["HOSTILE_LINES"] ?? 500);

/** Fuzzes an agent, prints the figures, and checks what must hold whatever it prints. */
export async function expectUnharmed<M extends AsyncDisposable>(
  agent: RealAgent<M>,
): Promise<void> {
  const report = await fuzz(agent, { lines: LINES });
  console.log(JSON.stringify(report));
  expect(report.lines).toBeGreaterThanOrEqual(LINES);
  expect(report.turns).toBeGreaterThan(0);
  expect(report.unparsed).toBeGreaterThan(0);
  expect(report.bystanderTurns).toBeGreaterThan(0);
  // The short form is a test beside others, and only the long form is a measurement.
  if (process.env["HOSTILE_LONG"]) expect(report.slowestInterruptMs).toBeLessThan(10_000);
}
