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
  const durations = readEvents(session.log).flatMap((event) =>
    event.type === "turn.ended" ? [event.data.metadata?.duration_ms ?? Number.NaN] : [],
  );
  expect(durations).toHaveLength(1);
  expect(durations[0]).toBeGreaterThanOrEqual(0);
  expect(durations[0]).toBeLessThan(DAY_MS);
  const { createdAt, updatedAt } = session.info;
  expect(updatedAt).toBeGreaterThanOrEqual(createdAt);
  const times = readEvents(session.log).map(({ time }) => time);
  expect(times).toEqual(times.toSorted());
});
