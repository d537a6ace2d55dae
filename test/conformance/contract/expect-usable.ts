import { expect } from "vitest";
import type { LiveSession } from "../../support/live-session.ts";
import type { Stage } from "./scenario.ts";

/** What the scripted model says to `text`. */
export const HELLO = "Hello from the scripted model.";

/** The session answers, whatever has happened in it. */
export async function expectUsable(stage: Stage, session: LiveSession): Promise<void> {
  expect(await session.run(stage.message("text"))).toMatchObject({ status: "completed" });
  expect(session.said().at(-1)).toBe(HELLO);
}

/** What the model has been told last, as one text. */
export function told({ rig }: Stage): string {
  return JSON.stringify(rig.model.requests.at(-1));
}
