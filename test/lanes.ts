/** Folders whose tests start real agents, or daemons with stand-ins for them. */
const folders = ["bench", "conformance", "e2e", "hostile"];

/** Files in other folders that start a daemon, a command of ours, npm or a real agent. */
const files: Record<string, string[]> = {
  agents: ["claude/process"],
  cli: [
    "api",
    "completions",
    "credentials",
    "daemon",
    "delegate",
    "doctor",
    "greeting",
    "install-agent",
    "last-resort",
    "late-end",
    "loaded-at-start",
    "log",
    "planted-files",
    "run",
    "server-start",
    "server-stop",
    "token",
    "unread-log",
    "unusable-folders",
    "usage",
  ],
  docs: [
    "api",
    "benchmarks",
    "commands",
    "credentials",
    "deploy",
    "examples",
    "manage-sessions",
    "operating",
    "readme",
    "run",
    "sdk",
    "skill",
    "troubleshooting",
  ],
  doctor: ["doctor", "version-check"],
  install: [
    "failed-installs",
    "installer",
    "lazy-install",
    "network",
    "npm-config",
    "real-agents",
    "resumed-downloads",
    "shims",
  ],
  persist: ["crashes"],
  record: ["arguments", "canary/canary", "codex/protocol", "recorder"],
  repo: ["borders", "build", "package", "release"],
  sdk: ["follow", "samples", "spawn"],
  server: ["inspector"],
  support: ["amp/amp", "daemon", "opencode/opencode", "responses/codex"],
};

const inFolders = folders.map((folder) => `test/${folder}/**/*.test.ts`);
const named = Object.entries(files).flatMap(([folder, names]) =>
  names.map((name) => `test/${folder}/${name}.test.ts`),
);

/** Tests that start whole processes: daemons, commands, npm and real agents. */
export const agentsLane = [...inFolders, ...named];

/** Files that neither `npm run test:unit` nor `npm run test:agents` runs. */
export const otherLanes = ["test/system/**", "test/executable/**", "test/hostile/long/**"];
