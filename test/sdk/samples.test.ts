import { cp, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SandboxAgent } from "../../src/index.ts";
import { repository } from "../repo/files.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import {
  compile,
  type ProjectWithPackage,
  projectWithPackage,
  strictOptions,
} from "../support/installed-package.ts";
import { expectNoProcesses } from "../support/processes.ts";
import { type TemporaryHome, temporaryHome } from "../support/sandbox.ts";

const unsupported = "is not supported yet; leave it out or empty";

/** What each program prints, which is written as for version 0.1.11 of the reference's SDK. */
const samples: Record<string, string> = {
  connect: "5",
  start: "ok\nSandboxAgent.start requires spawn to be enabled.",
  "get-health": "ok",
  "list-agents": "true true true builtin",
  "install-agent": "undefined",
  "get-agent-modes": "build plan",
  "get-agent-models": "mock mock",
  "create-session": [
    "true undefined mock-create session",
    `invalid request: mcp: ${unsupported}`,
    `invalid request: skills: ${unsupported}`,
  ].join("\n"),
  "list-sessions": "mock build default Listed\nfalse 1 number mock",
  "post-message": "undefined",
  "get-events":
    "session.started turn.started item.started item.completed item.started item.delta item.completed turn.ended false",
  "get-events-sse": "text/event-stream; charset=utf-8 id: 1\ndata: {",
  "post-message-stream": "7",
  "stream-events":
    "user message completed echo one two\nassistant message completed one two\none two",
  "stream-turn":
    "turn.started item.started item.completed item.started item.delta item.completed turn.ended",
  "reply-question": "Choose a color answered Red\nAllow mock experiment? answered Yes",
  "reject-question": "rejected\nrejected",
  "reply-permission": "command_execution accept_for_session\nfile_change reject",
  "terminate-session": "terminated daemon",
  dispose: "undefined ok",
  error:
    "SandboxAgentError 404 Session Not Found urn:sandbox-agent:error:session_not_found 404\nRequest failed with status 502",
  "build-inspector-url":
    "http://127.0.0.1:2468/ui/#token=a+b&headers=%7B%22x-mine%22%3A%221%22%7D\nhttp://127.0.0.1:2468/ui/",
  types: "13 hello 1 turn_1 function function",
};

/** What the reference's client has no method for. */
const added = [
  "getAgentDoctor",
  "getOpenApi",
  "getSession",
  "getImage",
  "deleteSession",
  "interruptSession",
  "session",
  "openSession",
];

let project: ProjectWithPackage;
beforeAll(async () => {
  project = await projectWithPackage();
  await cp(join(repository, "test/sdk/samples"), join(project.folder, "src"), { recursive: true });
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

it("there is a program for each method, and nothing is said of others", async () => {
  const files = await readdir(join(repository, "test/sdk/samples"));
  expect(files.map((file) => basename(file, ".ts")).toSorted()).toEqual(
    Object.keys(samples).toSorted(),
  );
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(SandboxAgent.prototype)).filter(
    (name) => !["constructor", "baseUrl", ...added].includes(name),
  );
  const named = (name: string) =>
    name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const shown = Object.keys(samples).map(named);
  expect(shown).toEqual(expect.arrayContaining(methods));
});

it.each(["node", "bundler"] as const)(
  "they compile under strict settings with the package's own declarations, resolved as by %s",
  async (modules) => {
    const options = strictOptions(modules, { rootDir: "src", outDir: `out-${modules}` });
    const config = { compilerOptions: options, include: ["src"] };
    await writeFile(join(project.folder, `${modules}.json`), JSON.stringify(config));
    await compile(project.folder, `${modules}.json`);
  },
  180_000,
);

describe.each([
  ["Node", process.execPath],
  ["Bun", join(repository, "node_modules/.bin/bun")],
])("what was compiled runs in %s", (_, runtime) => {
  const token = "token of the samples";
  let home: TemporaryHome;
  let daemon: Daemon;
  beforeAll(async () => {
    home = await temporaryHome();
    daemon = await startDaemon({ home, args: ["--token", token] });
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await expectNoProcesses(home.dir);
    await home[Symbol.asyncDispose]();
  });

  it.each(Object.entries(samples))("%s", async (name, printed) => {
    const { stdout } = await execa(runtime, [join(project.folder, `out-node/${name}.js`)], {
      cwd: home.work,
      env: { ...home.env, SANDBOX_URL: daemon.url, SANDBOX_TOKEN: token },
      extendEnv: false,
    });
    expect(stdout).toBe(printed);
  });
});
