import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../../src/agents/opencode/free-port.ts";

it("freePort returns each port once, below the ephemeral range", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it("freePort passes over a port on which something listens", async () => {
  const before = await freePort();
  const servers = [1, 2, 3].map((step) => createServer().listen(before + step, "127.0.0.1"));
  try {
    // A port that another process has taken meanwhile is not free either.
    await Promise.allSettled(servers.map((server) => once(server, "listening")));
    expect(await freePort()).toBeGreaterThan(before + servers.length);
  } finally {
    for (const server of servers) server.close();
  }
});
