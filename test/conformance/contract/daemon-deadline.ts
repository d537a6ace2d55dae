import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { LiveSession } from "../../support/live-session.ts";
import type { Stage } from "./scenario.ts";

/** The message to which the mock agent requests a permission. */
const REQUESTS_PERMISSION = "List files in the current directory using available tools.";

/**
 * Waits until a deadline of the daemon has passed, in milliseconds: a permission of the mock agent
 * stays without a reply. Timers of the daemon that began earlier and are shorter have fired by then.
 */
export async function untilDeadline({ rig }: Stage, timeoutMs: number): Promise<void> {
  const session = await LiveSession.open(rig.daemon.url, `deadline-${randomUUID()}`, {
    agent: "mock",
    directory: rig.home.work,
    interaction: { timeoutMs },
  });
  const turn = await session.send(REQUESTS_PERMISSION);
  await session.turnEnded(turn, timeoutMs + 60_000);
  expect(session.of("permission.resolved")).toMatchObject([
    { data: { metadata: { reason: "timeout" } } },
  ]);
  await session.finish([], { kind: null });
}
