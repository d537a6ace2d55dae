import { expect, vi } from "vitest";
import type { AgentDaemon } from "../agent-daemon.ts";
import type { LiveSession } from "../live-session.ts";
import type { HostileRepository } from "./world.ts";

/** The option with which an agent's process ends between two messages. */
export const SHORT_IDLE = ["--agent-idle", "300ms"];

/** Runs two turns, each in its own process of the agent, and waits for their ends. */
export async function runTwice<M extends AsyncDisposable>(
  daemon: AgentDaemon<M>,
  session: LiveSession,
): Promise<void> {
  for (const message of ["hello @@text@@", "again @@text@@"]) {
    expect(await session.run(message)).toMatchObject({ status: "completed" });
    const exited = async () => expect(await daemon.agentProcesses()).toEqual([]);
    await vi.waitFor(exited, { timeout: 60_000 });
  }
}

/** Asserts that nothing in the repository has run or received a request. */
export async function expectHarmless(repository: HostileRepository): Promise<void> {
  expect(await repository.ran()).toEqual([]);
  expect(repository.received).toEqual([]);
}

/** The detail of the item that lists the ignored settings. */
export function ignoredSettings(session: LiveSession): string | undefined {
  const details = session.parts("status").map(({ label, detail }) => `${label}: ${detail}`);
  return details.find((text) => text.startsWith("warning: Settings of this directory are ignored"));
}
