import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canConfine } from "../../../src/agents/codex/confine.ts";
import { Child, type ChildOptions } from "../../../src/io/child.ts";
import { startDaemon } from "../../support/daemon.ts";
import { postJson } from "../../support/post-json.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { temporaryHome, type TemporaryHome } from "../../support/sandbox.ts";

/** A folder for PATH in which codex is this shell script. */
async function folderWith(home: TemporaryHome, script: string): Promise<string> {
  const folder = join(home.dir, "bin");
  await mkdir(folder);
  await writeFile(join(folder, "codex"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

/** The answers to some creations of a session with such a codex, and the server's status after them. */
async function creations(script: string, times: number) {
  await using home = await temporaryHome();
  const folder = await folderWith(home, script);
  await using daemon = await startDaemon({
    home,
    args: ["--no-token", "--offline"],
    env: { OPENAI_API_KEY: "sk-dummy", PATH: `${folder}:${home.env["PATH"]}` },
  });
  const answers: { status: number; detail?: string }[] = [];
  for (let n = 0; n < times; n++) {
    const url = `${daemon.url}/v1/sessions/s`;
    const answer = await postJson(url, { agent: "codex" });
    const { detail } = (await answer.json()) as { detail?: string };
    answers.push({ status: answer.status, ...(detail !== undefined && { detail }) });
  }
  const { agents: all } = (await (await fetch(`${daemon.url}/v1/agents`)).json()) as {
    agents: { id: string; serverStatus?: unknown }[];
  };
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  await expectNoProcesses(home.dir);
  return { answers, status: all.find(({ id }) => id === "codex")?.serverStatus };
}

it("a server that leaves at once is not started for ever: creation says why, and frees the id", async () => {
  const { answers, status } = await creations(
    '[ "$1" = sandbox ] || { echo no luck >&2; exit 7; }',
    6,
  );
  for (const { status, detail } of answers) {
    expect(status).toBe(502);
    expect(detail).toContain("no luck");
  }
  expect(answers.at(-1)?.detail).toContain("is not started again for now");
  expect(status).toMatchObject({ status: "error", lastError: expect.stringContaining("no luck") });
}, 180_000);

it("commands that cannot be confined are told to run unconfined", async () => {
  await using home = await temporaryHome();
  const env = { ...home.env };
  const startChild = (options: ChildOptions) => Child.start(options);
  const asked = async (script: string) => {
    const path = join(home.work, "codex");
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return await canConfine(path, { env, startChild });
  };
  expect(await asked("exit 0")).toBe(true);
  expect(await asked("exit 101")).toBe(false);
  expect(await canConfine(join(home.work, "none"), { env, startChild })).toBe(false);
});
