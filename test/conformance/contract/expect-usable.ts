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

/** The newest requests of a session to the model, oldest first, each as one text. */
export async function requestsOf({ rig }: Stage, session: LiveSession): Promise<string[]> {
  const { nativeSessionId } = await session.info();
  return rig.model
    .requestsOf(nativeSessionId ?? expect.fail("the session has no native id"))
    .map((request) => JSON.stringify(request));
}

/** The newest request of a session to the model, as one text. */
export async function told(stage: Stage, session: LiveSession): Promise<string> {
  const requests = await requestsOf(stage, session);
  return requests.at(-1) ?? expect.fail("the session has asked the model nothing");
}
