import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import type { RealAgent } from "../../support/agent-daemon.ts";
import { ampUnderTest } from "../../support/agents/amp.ts";
import { plainCodex } from "../../support/agents/codex.ts";
import { opencodeUnderTest } from "../../support/agents/opencode.ts";
import { expectNoProcesses } from "../../support/processes.ts";
import { realAgent } from "../../support/real-agents.ts";
import { temporaryHome } from "../../support/sandbox.ts";
import { openTerminal, type Terminal } from "../../support/terminal.ts";

// Claude Code, whose requests are of every kind, has tests of its own beside this one.
const agents = { codex: plainCodex, opencode: opencodeUnderTest, amp: ampUnderTest };

/** A terminal in which a real agent runs one turn of its scripted model. */
async function inTerminal<M extends AsyncDisposable>(
  agent: RealAgent<M>,
  scenario: string,
  work: (terminal: Terminal, directory: string) => Promise<void>,
): Promise<void> {
  const { id, body = {} } = agent;
  if (id === "mock") throw new Error("the mock agent is none of the real ones");
  await using home = await temporaryHome();
  await using model = await agent.startModel();
  await agent.prepare?.(home, model);
  const { installDir } = await realAgent(id);
  const options = ["--agent", id, "--install-dir", installDir, "--offline"];
  const chosen = typeof body.model === "string" ? ["--model", body.model] : [];
  await using terminal = openTerminal({
    home,
    args: ["run", ...options, ...chosen, `go @@${scenario}@@`],
    env: agent.env(model, home),
  });
  await work(terminal, home.work);
  await expectNoProcesses(home.dir);
}

const each = [
  ["codex", (...args: Rest) => inTerminal(agents.codex, ...args)],
  ["opencode", (...args: Rest) => inTerminal(agents.opencode, ...args)],
  ["amp", (...args: Rest) => inTerminal(agents.amp, ...args)],
] as const;
type Rest = [scenario: string, work: (terminal: Terminal, directory: string) => Promise<void>];

it.each(each)("%s asks, is allowed, and finishes its turn", (_, inTerminal) =>
  inTerminal("bash", async (terminal, directory) => {
    await terminal.until("asks for permission");
    await terminal.until("echo hi-from-bash && touch made.txt");
    await terminal.until("n(o): ");
    terminal.type("y\r");
    await terminal.until("  hi-from-bash");
    await terminal.until("All done.");
    await terminal.until("completed · ");
    expect(await terminal.exited).toBe(0);
    expect(await readdir(directory)).toContain("made.txt");
  }),
);

it.each(each)("%s is interrupted where it asks, and leaves nothing behind", (_, inTerminal) =>
  inTerminal("bash", async (terminal, directory) => {
    await terminal.until("n(o): ");
    terminal.type("\x03");
    await terminal.until("interrupted · ");
    expect(await terminal.exited).toBe(130);
    expect(await readdir(directory)).not.toContain("made.txt");
  }),
);
