import type { SessionInfo } from "../../schema/session.ts";
import { counted } from "../format.ts";

/** What there is to say of sessions that were there before the daemon was away, and are no more. */
export function goneSessions(
  before: readonly SessionInfo[],
  now: readonly SessionInfo[],
): string | undefined {
  const present = new Set(now.map(identityOf));
  const gone = before.filter((session) => !present.has(identityOf(session))).length;
  if (gone === 0) return undefined;
  const verb = gone === 1 ? "is" : "are";
  return `The daemon has been restarted, and keeps sessions no longer than it runs: ${counted(gone, "session")} ${verb} gone.`;
}

/** What tells a session from another that has got its id. */
export function identityOf({ sessionId, createdAt }: SessionInfo): string {
  return `${createdAt} ${sessionId}`;
}
