/**
 * The files whose tests start `sandbox-agent` and are run again with the compiled executable in its
 * place, one list for each kind; what is left out is named with its reason.
 */
const cli = [
  "api",
  "completions",
  "credentials",
  "daemon",
  "delegate",
  "doctor",
  "greeting",
  "install-agent",
  "log",
  "run",
  "server-start",
  "server-stop",
  "usage",
].map((name) => `cli/${name}`);

// `terminal`: with real agents.
const terminal = ["run-agents", "run-terminal"].map((name) => `e2e/cli/${name}`);

// HTTP and streams, and a client of them whose connections break.
const http = [
  "e2e/daemon/agents",
  "e2e/daemon/credentials",
  "e2e/daemon/doctor",
  "server/inspector",
  "sdk/follow",
];
// Left out: e2e/daemon/soak puts a probe into the daemon by Node's `--import`; the other files of
// test/server build the app in their own process, of parts that no command line gives.

const installer = ["install/lazy-install"];
// Left out: install/network compiles the installer by itself and runs it on Bun already; the other files
// of test/install call its parts.

const agents = ["mock", "claude", "codex", "opencode", "amp"].map((name) => `conformance/${name}`);

const faults = [
  "cannot-start",
  "exits",
  "hangs",
  "metrics",
  "prints",
  "secrets",
  "shared-servers",
  "silence",
  "stopped-servers",
  "streams",
].map((name) => `e2e/faults/${name}`);

export const suites = [cli, terminal, http, installer, agents, faults]
  .flat()
  .map((name) => `test/${name}.test.ts`);
