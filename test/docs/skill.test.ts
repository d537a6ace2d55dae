import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runMain } from "../cli/main.ts";
import { codeBlocks } from "../support/code-blocks.ts";
import { freePort } from "../support/free-port.ts";
import { expectNoProcesses } from "../support/processes.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { runShell } from "../support/shell.ts";
import { compileCache, shellCommand } from "../support/program.ts";

/** It starts a dozen programs, one after the other. */
const TIMEOUT_MS = 180_000;

const main = join(import.meta.dirname, "../../src/main.ts");

it(
  "the skill's commands work as written, one after the other",
  async () => {
    await using home = await temporaryHome();
    const port = await freePort();
    const bin = join(home.dir, "bin");
    await mkdir(bin);
    await writeFile(
      join(bin, "sandbox-agent"),
      `#!/bin/sh\nexec ${shellCommand({ file: process.execPath, args: [...compileCache, main] })} "$@"\n`,
    );
    await chmod(join(bin, "sandbox-agent"), 0o755);
    // Also where the skill's own last command was not reached.
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => void (await runMain(home, ["daemon", "stop", "--port", `${port}`])));
    const blocks = await codeBlocks("SKILL.md");
    const commands = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
    expect(commands.length).toBeGreaterThan(5);
    // Only the port is not the one that is written there.
    const text = commands.join("\n").replaceAll(/daemon (start|stop)/g, `daemon $1 --port ${port}`);
    const printed = await runShell(text, {
      home,
      curl: "stand-in",
      timeoutMs: TIMEOUT_MS,
      env: {
        PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
        SANDBOX_AGENT_ENDPOINT: `http://127.0.0.1:${port}`,
      },
    });
    expect(printed).toMatch(/^hello\n/);
    expect(printed).toContain('"permission_id": "mock_1_permission"');
    expect(printed).toContain('"type": "session.started"');
    await expectNoProcesses(home.dir);
  },
  TIMEOUT_MS,
);
