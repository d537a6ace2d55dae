import { expect } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import type { Stage } from "./scenario.ts";

/** Brings a session to where its command runs until it is ended; gives the turn. */
export async function startLongCommand(stage: Stage, session: LiveSession): Promise<string> {
  const turn = await session.send(stage.message("bashlong"));
  await session.reply("once");
  await expect.poll(() => stage.rig.processes("long.started"), { timeout: 10_000 }).not.toEqual([]);
  return turn;
}
