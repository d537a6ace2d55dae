/**
 * The files whose tests start `sandbox-agent` and are run again with the compiled executable in its
 * place, one list for each kind. `leftOut` names the others of these folders, each with its reason.
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

// HTTP and streams, and clients of them, one of which has connections that break.
const http = [
  "e2e/daemon/agents",
  "e2e/daemon/budget",
  "e2e/daemon/credentials",
  "e2e/daemon/doctor",
  "server/inspector",
  "sdk/follow",
  "sdk/samples",
];

const installer = ["install/lazy-install"];

const agents = ["mock", "claude", "codex", "opencode", "amp", "coverage"].map(
  (name) => `conformance/${name}`,
);

// What the contract does not ask of every agent.
const claude = [
  "background",
  "failures",
  "files",
  "idle",
  "notices",
  "requests",
  "shutdown",
  "tools",
  "turns",
].map((name) => `e2e/claude/${name}`);

const codex = [
  "async-questions",
  "background",
  "code-mode",
  "configuration",
  "elicitations",
  "idle",
  "notices",
  "requests",
  "server",
  "stand-in",
  "stopping",
  "turns",
].map((name) => `e2e/codex/${name}`);

const opencode = [
  "errors",
  "folders",
  "idle",
  "interrupting",
  "modes",
  "plans",
  "requests",
  "resync",
  "tools",
  "turns",
].map((name) => `e2e/opencode/${name}`);

const amp = ["failures", "idle", "older", "requests", "stopping", "turns"].map(
  (name) => `e2e/amp/${name}`,
);

const faults = [
  "amp",
  "cannot-start",
  "exits",
  "floods",
  "hangs",
  "metrics",
  "prints",
  "secrets",
  "shared-servers",
  "silence",
  "stopped-servers",
  "streams",
].map((name) => `e2e/faults/${name}`);

export const suites = [cli, terminal, http, installer, agents, claude, codex, opencode, amp, faults]
  .flat()
  .map((name) => `test/${name}.test.ts`);

/** Why files of these folders are not run again. */
const reasons: Record<string, string[]> = {
  "puts a probe into the daemon by Node's `--import`": ["cli/loaded-at-start", "e2e/daemon/soak"],
  "starts the program of the package, which the SDK finds by itself": ["sdk/spawn"],
  "compiles the installer by itself, and runs it on Bun already": ["install/network"],
  "runs the agents themselves, without us": ["install/real-agents"],
  "calls parts of the installer, some of them in a small program of its own": [
    "failed-installs",
    "find-executable",
    "installer",
    "platform",
    "recipe",
    "registry",
    "resumed-downloads",
    "version-probe",
  ].map((name) => `install/${name}`),
  "calls what a command is made of in its own process": [
    "answers",
    "duration",
    "listen",
    "output",
    "progress-bar",
    "render/printable",
    "render/request",
    "render/transcript",
    "self",
    "size",
  ].map((name) => `cli/${name}`),
  "builds the app in its own process, of parts that no command line gives": [
    "access",
    "agents",
    "attachments",
    "bad-input",
    "cors",
    "event-stream",
    "events-page",
    "images",
    "lossless",
    "metrics",
    "openapi",
    "redaction",
    "request-id",
    "request-log",
    "sessions",
  ].map((name) => `server/${name}`),
  "asks an app in its own process": ["sdk/doctor", "sdk/prompt"],
  "asks nobody: the answers are its own": ["sdk/connection"],
};

/** The files that are not run again, each with its reason. */
export const leftOut = Object.fromEntries(
  Object.entries(reasons).flatMap(([reason, names]) =>
    names.map((name) => [`test/${name}.test.ts`, reason]),
  ),
);
