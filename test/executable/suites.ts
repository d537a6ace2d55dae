import { commands } from "../lanes.ts";

/**
 * The files whose tests start `sandbox-agent` and are run again with the compiled executable in its
 * place, one list for each kind. `leftOut` names the others of these folders, each with its reason.
 */
const cli = commands.map((name) => `cli/${name}`);

// `terminal`: with real agents.
const terminal = ["run-agents", "run-terminal"].map((name) => `e2e/cli/${name}`);

// HTTP and streams, and clients of them, one of which has connections that break.
const http = [
  "e2e/daemon/agents",
  "e2e/daemon/budget",
  "e2e/daemon/clients",
  "e2e/daemon/credentials",
  "e2e/daemon/doctor",
  "e2e/daemon/stalled-readers",
  "server/inspector",
  "sdk/follow",
  "sdk/samples",
];

const installer = ["install/lazy-install"];

const agents = ["mock", "claude", "codex", "opencode", "amp", "coverage"].map(
  (name) => `conformance/${name}`,
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

const hostile = [
  "giant-message",
  "lines-amp",
  "lines-claude",
  "lines-codex",
  "lines-opencode",
  "named-pipes",
  "nesting",
  "repository-amp",
  "repository-claude",
  "repository-codex",
  "repository-opencode",
].map((name) => `hostile/${name}`);

const parts = [cli, terminal, http, installer, agents, faults, hostile];

export const suites = parts.flat().map((name) => `test/${name}.test.ts`);

/** Tests of one agent alone. */
const ofAgents = {
  claude: [
    "background",
    "failures",
    "files",
    "idle",
    "notices",
    "requests",
    "shutdown",
    "tools",
    "turns",
  ],
  codex: [
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
  ],
  opencode: [
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
  ],
  amp: ["failures", "idle", "older", "requests", "stopping", "turns"],
};

/** Why files of these folders are not run again. */
const reasons: Record<string, string[]> = {
  "covers one agent's messages, of which conformance and faults play each kind on the executable":
    Object.entries(ofAgents).flatMap(([agent, names]) =>
      names.map((name) => `e2e/${agent}/${name}`),
    ),
  "puts a probe into the daemon by Node's `--import`": [
    "cli/late-end",
    "cli/loaded-at-start",
    "e2e/daemon/soak",
  ],
  "starts the sources on both runtimes, each with a probe": ["cli/last-resort"],
  "starts the program of the package, which the SDK finds by itself": ["sdk/spawn"],
  "compiles the installer by itself, and runs it on Bun already": ["install/network"],
  "runs the agents themselves, without us": ["install/real-agents"],
  "calls parts of the installer, some of them in a small program of its own": [
    "failed-installs",
    "find-executable",
    "installer",
    "npm-config",
    "platform",
    "recipe",
    "registry",
    "resumed-downloads",
    "version-probe",
  ].map((name) => `install/${name}`),
  "calls what a command is made of in its own process": [
    "answers",
    "clean-environment",
    "duration",
    "event-buffer-size",
    "listen",
    "output",
    "progress-bar",
    "render/hostile",
    "render/printable",
    "render/request",
    "render/transcript",
    "self",
    "size",
    "start-warnings",
  ].map((name) => `cli/${name}`),
  "builds the app in its own process, of parts that no command line gives": [
    "access",
    "agents",
    "attachments",
    "bad-input",
    "capacity",
    "cors",
    "event-stream",
    "events-page",
    "foreign-pages",
    "images",
    "large-input",
    "lossless",
    "metrics",
    "openapi",
    "readers",
    "redaction",
    "request-head",
    "request-id",
    "request-log",
    "sessions",
    "slow-bodies",
  ].map((name) => `server/${name}`),
  "is run by a configuration of its own, on both runtimes": [
    "long/memory",
    "long/regular-expressions",
    "long/slow-clients",
  ].map((name) => `hostile/${name}`),
  "asks an app in its own process": ["sdk/doctor", "sdk/prompt"],
  "asks nobody: the answers are its own": ["sdk/connection"],
};

/** The files that are not run again, each with its reason. */
export const leftOut = Object.fromEntries(
  Object.entries(reasons).flatMap(([reason, names]) =>
    names.map((name) => [`test/${name}.test.ts`, reason]),
  ),
);
