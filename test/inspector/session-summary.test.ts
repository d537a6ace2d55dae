import { expect, it } from "vitest";
import { goneSessions } from "../../src/inspector/connection/gone-sessions.ts";
import {
  lastKnownStanding,
  matchingSessions,
  standingOf,
} from "../../src/inspector/sessions/session-summary.ts";
import type { SessionInfo } from "../../src/schema/session.ts";

const session: SessionInfo = {
  sessionId: "one",
  agent: "mock",
  agentMode: "build",
  permissionMode: "default",
  model: "mock",
  variant: null,
  nativeSessionId: null,
  ended: false,
  eventCount: 1,
  createdAt: 1,
  updatedAt: 1,
  directory: "/work",
  title: "Fix the Parser",
  status: "idle",
  pendingPermissions: [],
  pendingQuestions: [],
  queuedMessages: 0,
  usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  firstSequence: 1,
};
const permission = {
  permission_id: "p",
  action: "a",
  status: "requested",
  metadata: null,
} as const;
const lastError = { message: "no", code: null, details: null };

it.each<[Partial<SessionInfo>, string]>([
  [{}, "idle"],
  [{ status: "running" }, "running"],
  [{ status: "starting" }, "starting"],
  [{ lastError }, "failed"],
  [{ lastError, status: "running" }, "running"],
  [{ status: "running", pendingPermissions: [permission] }, "waits for you"],
  [{ ended: true, status: "ended", lastError, pendingPermissions: [permission] }, "ended"],
])("a session with %j is %s", (changes, word) => {
  expect(standingOf({ ...session, ...changes }).word).toBe(word);
});

it.each<[Partial<SessionInfo>, string]>([
  [{}, "was idle"],
  [{ status: "running" }, "was running"],
  [{ status: "starting" }, "was starting"],
  [{ lastError }, "failed"],
  [{ status: "running", pendingPermissions: [permission] }, "was waiting"],
  [{ ended: true, status: "ended" }, "ended"],
])("a session with %j is shown as %s while the daemon is unreachable", (changes, word) => {
  expect(lastKnownStanding({ ...session, ...changes }).word).toBe(word);
});

it("a filter finds sessions that have all its words, wherever", () => {
  const other = { ...session, sessionId: "two", title: null, status: "running" as const };
  const find = (text: string) =>
    matchingSessions([session, other], text).map(({ sessionId }) => sessionId);
  expect(find(" ")).toEqual(["one", "two"]);
  expect(find("parser mock")).toEqual(["one"]);
  expect(find("RUNNING")).toEqual(["two"]);
  expect(find("parser running")).toEqual([]);
});

it("sessions that a daemon has lost are counted, and those that it has created anew are not them", () => {
  const two = { ...session, sessionId: "two" };
  expect(goneSessions([session, two], [two, session])).toBeUndefined();
  expect(goneSessions([session], [session, two])).toBeUndefined();
  expect(goneSessions([session, two], [two])).toContain("1 session is gone");
  expect(goneSessions([session, two], [{ ...session, createdAt: 2 }])).toContain("2 sessions are");
});
