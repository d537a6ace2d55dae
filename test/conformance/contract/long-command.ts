import { expect, vi } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import type { Stage } from "./scenario.ts";

/** Brings a session to where its command runs until it is ended; gives the turn. */
export async function startLongCommand(
  stage: Stage,
  session: LiveSession,
  directory: string,
): Promise<string> {
  const turn = await session.send(stage.message("bashlong"));
  await session.reply("once");
  await untilLongCommand(stage, directory);
  return turn;
}

/** Waits until the long command runs for the session of a directory. */
export async function untilLongCommand(stage: Stage, directory: string): Promise<void> {
  const runs = async () => expect(await stage.longCommands(directory)).not.toEqual([]);
  await vi.waitFor(runs, { timeout: 60_000 });
}

/** Waits until no process of that command is left. */
export async function untilNoLongCommand(stage: Stage, directory: string): Promise<void> {
  const gone = async () => expect(await stage.longCommands(directory)).toEqual([]);
  await vi.waitFor(gone, { timeout: 60_000 });
}
