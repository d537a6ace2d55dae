import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentWith, failureWith } from "../../support/broken-agent.ts";
import { postJson } from "../../support/post-json.ts";
import { serverStatus } from "../../support/server-status.ts";
import { temporaryHome, type TemporaryHome } from "../../support/sandbox.ts";

let outside: TemporaryHome;
let file: string;

beforeAll(async () => {
  outside = await temporaryHome();
  file = join(outside.work, "file");
  await writeFile(file, "");
});

afterAll(() => outside[Symbol.asyncDispose]());

describe.each(["claude", "codex", "opencode", "amp"] as const)("%s", (agent) => {
  it("that cannot use TMPDIR names the variable in its reason", async () => {
    const folder = join(file, "tmp");
    const failure = await failureWith(agent, { TMPDIR: folder });
    expect(failure).toContain(folder);
    expect(failure).toContain("set TMPDIR to another one");
  });
});

/** Claude Code 2.1.332 works without its folder. */
const folders = [
  [
    "codex",
    "CODEX_HOME",
    /CODEX_HOME points to ".*file", but that path is not a directory \(.*set CODEX_HOME/,
  ],
  ["opencode", "XDG_DATA_HOME", /ENOTDIR: .*file\/opencode' \(set XDG_DATA_HOME to another one\)$/],
  ["amp", "XDG_CACHE_HOME", /ENOTDIR: .*file\/amp' \(set XDG_CACHE_HOME to another one\)$/],
] as const;

it.each(folders)("%s whose folder %s is a file says so", async (agent, variable, message) => {
  expect(await failureWith(agent, { [variable]: file })).toMatch(message);
});

it("the status of OpenCode's server has the reason and the excerpt of stderr", async () => {
  await using rig = await agentWith.opencode({ XDG_DATA_HOME: file });
  const directory = await rig.directory("broken");
  const created = await postJson(`${rig.daemon.url}/v1/sessions/broken`, {
    agent: "opencode",
    directory,
  });
  const words = `ENOTDIR: not a directory, mkdir '${file}/opencode'`;
  expect(await created.json()).toMatchObject({
    detail: expect.stringContaining(`opencode serve has ended (exit code 1): ${words}`),
    details: { exitCode: 1, stderr: { head: expect.stringContaining("Bun v") } },
  });
  expect(await serverStatus(rig.daemon.url, "opencode")).toMatchObject({
    status: "error",
    lastError: expect.stringContaining(words),
    stderr: { head: expect.stringContaining(words) },
  });
});
