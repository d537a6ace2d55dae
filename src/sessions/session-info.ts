import type { SessionInfo } from "../schema/session.ts";
import type { Recorder } from "./recorder.ts";
import type { SessionSettings } from "./settings.ts";

/** A session as clients see it. */
export function infoOf(
  settings: SessionSettings,
  { state, log, nativeSessionId, createdAt, updatedAt }: Recorder,
  queuedMessages: number,
): SessionInfo {
  const { agentId, interaction: _interaction, ...visible } = settings;
  const { status, pendingPermissions, pendingQuestions, usage, lastError } = state;
  return {
    ...visible,
    agent: agentId,
    nativeSessionId,
    ended: status === "ended",
    eventCount: log.lastSequence,
    createdAt,
    updatedAt,
    status,
    pendingPermissions,
    pendingQuestions,
    queuedMessages,
    usage,
    firstSequence: log.firstSequence,
    ...(lastError && { lastError }),
  };
}
