import { expect, it } from "vitest";
import { EventReader } from "../../../src/agents/opencode/events.ts";

const frame = (payload: object) => `data: ${JSON.stringify({ directory: "/", payload })}\n\n`;
const idle = (id: string) => ({ type: "session.idle", properties: { sessionID: id } });

it("reads events whose bytes come in any pieces", () => {
  const bytes = new TextEncoder().encode(
    frame(idle("grün")) +
      frame({ type: "message.updated", properties: { info: { sessionID: "b" } } }),
  );
  for (let size = 1; size < 40; size += 3) {
    const reader = new EventReader();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...reader.push(bytes.subarray(at, at + size)).map(({ sessionId }) => sessionId));
    }
    expect(found).toEqual(["grün", "b"]);
  }
});

it("keeps only what concerns a session, and that once", () => {
  const reader = new EventReader();
  const text = [
    frame({ type: "server.connected", properties: {} }),
    frame({ type: "sync", properties: { sessionID: "a" } }),
    frame({ type: "session.created", properties: { info: { id: "a" } } }),
    frame({ type: "message.part.updated", properties: { part: { sessionID: "a" } } }),
    "data: nonsense\n\n: a comment\n\n",
    frame(idle("a")),
  ].join("");
  const events = reader.push(new TextEncoder().encode(text));
  expect(events.map(({ type }) => type)).toEqual([
    "session.created",
    "message.part.updated",
    "session.idle",
  ]);
  expect(JSON.parse(events[2]?.raw ?? "")).toEqual(idle("a"));
});
