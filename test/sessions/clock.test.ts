import { afterEach, expect, it, vi } from "vitest";
import { openFake, readEvents } from "../support/session-events.ts";

const DAY_MS = 86_400_000;

afterEach(() => vi.useRealTimers());

it("a clock that is set back in mid turn makes no duration negative and no event earlier", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { session, agent } = openFake({});
  const turn = session.post({ text: "hello", attachments: [] });
  vi.setSystemTime(Date.now() - DAY_MS);
  agent.end();
  await turn.ended;
  const ended = readEvents(session.log).find(({ type }) => type === "turn.ended");
  expect(ended).toMatchObject({ data: { metadata: { duration_ms: expect.any(Number) } } });
  const { duration_ms } = (ended?.data as { metadata: { duration_ms: number } }).metadata;
  expect(duration_ms).toBeGreaterThanOrEqual(0);
  expect(duration_ms).toBeLessThan(DAY_MS);
  const { createdAt, updatedAt } = session.info;
  expect(updatedAt).toBeGreaterThanOrEqual(createdAt);
  const times = readEvents(session.log).map(({ time }) => time);
  expect(times).toEqual(times.toSorted());
});
