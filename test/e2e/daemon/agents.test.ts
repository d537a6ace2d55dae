import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AgentListResponse } from "../../../src/schema/agent.ts";
import { startDaemon } from "../../support/daemon.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { temporaryHome } from "../../support/sandbox.ts";

it("lists agents at once, also where a CLI on PATH takes its time or never answers, and tells versions when they are known", async () => {
  await using home = await temporaryHome();
  const bin = join(home.dir, "bin");
  await mkdir(bin);
  const scripts = {
    claude: "sleep 1; echo '2.1.330 (Claude Code)'",
    codex: "sleep 1000",
    amp: "trap '' TERM; exec sleep 1000",
  };
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  await using daemon = await startDaemon({
    home,
    args: ["--no-token", "--offline"],
    env: { PATH: `${bin}:${home.env["PATH"]}` },
  });
  const list = async () => {
    const answer = await fetch(`${daemon.url}/v1/agents`);
    const { agents } = AgentListResponse.parse(await answer.json());
    return new Map(agents.map(({ id, installed, version }) => [id, { installed, version }]));
  };
  const first = await list();
  expect(first.get("codex")).toEqual({ installed: true, version: undefined });
  expect(first.get("amp")).toEqual({ installed: true, version: undefined });
  await expect
    .poll(async () => (await list()).get("claude"))
    .toEqual({ installed: true, version: "2.1.330" });
  expect((await list()).get("codex")).toEqual({ installed: true, version: undefined });
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  await expectNoProcesses(home.dir);
});
