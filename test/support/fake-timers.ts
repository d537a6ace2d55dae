import { expect, vi } from "vitest";

const STEP_MS = 100;

/** A clock of the test's process that advances only when the test advances it. */
export interface FakeTimers extends Disposable {
  /** Runs every timer that is due within the time, in order, with the work that it resumes. */
  advance(ms: number): Promise<void>;
  /** Advances until the promise settles. Between the steps child processes run at their own pace. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

/**
 * Replaces the timers, those of `node:timers` and `AbortSignal.timeout` included, the date and
 * `performance.now` until disposal. Child processes and sockets keep their own pace.
 */
export function fakeTimers(): FakeTimers {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
    fakeNodeBuiltins: true,
  });
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const late = new AbortController();
    const reason = new DOMException("The operation timed out.", "TimeoutError");
    globalThis.setTimeout(() => late.abort(reason), ms);
    return late.signal;
  });
  const advance = async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms));
  return {
    advance,
    async settle(promise) {
      let isSettled = false;
      const settled = promise.finally(() => (isSettled = true));
      settled.catch(() => undefined);
      const step = async (): Promise<void> => {
        await advance(STEP_MS);
        expect(isSettled).toBe(true);
      };
      await vi.waitFor(step, { timeout: 60_000, interval: 5 });
      return await settled;
    },
    [Symbol.dispose]: () => {
      timeout.mockRestore();
      vi.useRealTimers();
    },
  };
}
