import type { SessionInfo } from "../../schema/session.ts";

/** How a session stands, as one word and a tone. */
export interface Standing {
  word: string;
  tone: "busy" | "waiting" | "failed" | "quiet" | "ended";
}

/** The first that applies: what waits for the person comes before what goes on without. */
export function standingOf(session: SessionInfo): Standing {
  if (session.ended) return { word: "ended", tone: "ended" };
  if (openRequests(session) > 0) return { word: "waits for you", tone: "waiting" };
  if (session.status === "running") return { word: "running", tone: "busy" };
  if (session.status === "starting") return { word: "starting", tone: "busy" };
  if (session.lastError) return { word: "failed", tone: "failed" };
  return { word: "idle", tone: "quiet" };
}

/** The standing of a session that was read before the daemon became unreachable. */
export function lastKnownStanding(session: SessionInfo): Standing {
  const standing = standingOf(session);
  if (standing.tone === "ended" || standing.tone === "failed") return standing;
  return {
    word: standing.tone === "waiting" ? "was waiting" : `was ${standing.word}`,
    tone: "quiet",
  };
}

/** How many permissions and questions wait for an answer. */
export function openRequests({ pendingPermissions, pendingQuestions }: SessionInfo): number {
  return pendingPermissions.length + pendingQuestions.length;
}

/** Those of which title, id, agent, model or standing contain every word. */
export function matchingSessions(
  sessions: readonly SessionInfo[],
  text: string,
): readonly SessionInfo[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return sessions;
  return sessions.filter((session) => {
    const { sessionId, title, agent, model, directory } = session;
    const parts = [sessionId, title, agent, model, directory, standingOf(session).word];
    const text = parts.join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
