/**
 * Tests that run again with the compiled executable in the place of the sources: conformance, faults, and
 * what may differ between Node and Bun, such as processes, signals, terminals, streams and memory.
 */
export const suites = [
  "cli/daemon",
  "cli/doctor",
  "cli/install-agent",
  "cli/log",
  "cli/run",
  "cli/server-*",
  "cli/token",
  "cli/unread-log",
  "conformance/*",
  "e2e/cli/run-terminal",
  "e2e/daemon/budget",
  "e2e/daemon/clients",
  "e2e/daemon/stalled-readers",
  "e2e/faults/*",
  "hostile/giant-message",
  "hostile/lines-claude",
  "hostile/lines-opencode",
  "hostile/named-pipes",
  "hostile/nesting",
  "sdk/follow",
].map((name) => `test/${name}.test.ts`);
