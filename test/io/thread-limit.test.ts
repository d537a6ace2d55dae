import { expect, it } from "vitest";
import { requireThreads } from "../../src/io/thread-limit.ts";

it("requireThreads rejects when the limit leaves too little room", async () => {
  await expect(requireThreads({ limit: 100, used: 90 })).rejects.toThrow(
    "the limit of processes (ulimit -u) is 100 and 90 are in use: at least 16 must be free",
  );
});

it("requireThreads accepts a limit with enough room", async () => {
  await requireThreads({ limit: 100, used: 84 });
  await requireThreads({ limit: Infinity, used: 0 });
  await requireThreads();
});
