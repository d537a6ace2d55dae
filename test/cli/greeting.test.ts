import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { greeting } from "../../src/cli/greeting.ts";
import { startDaemon } from "../support/daemon.ts";
import { temporaryHome } from "../support/sandbox.ts";
import { availableCurls, runShell } from "../support/shell.ts";

const VARIABLE = { SANDBOX_AGENT_TOKEN: "a token" };

describe.each(await availableCurls())("with %s", (curl) => {
  it.each([
    ["without a token", ["--no-token"], {}, {}],
    ["with a token in a variable", [], VARIABLE, VARIABLE],
    // The greeting says that the variable has to be set.
    ["with a token as an option", ["--token", "a token"], {}, VARIABLE],
    ["with a token in a file", ["--token-file", "the token's file"], {}, {}],
  ])(
    "the command that a server %s greets with has the mock agent answer",
    async (_, args, env, shellEnv) => {
      await using home = await temporaryHome();
      await writeFile(join(home.work, "the token's file"), "a token\n");
      await using daemon = await startDaemon({ home, args, env });
      const commandLine = commandOf(daemon.stdout());
      expect(commandLine).toContain(daemon.url);
      expect(daemon.stdout()).not.toContain("Bearer a token");
      const said = await runShell(commandLine, { home, curl, env: shellEnv });
      expect(said).toContain('{"healthy":true,"nativeSessionId":"mock-demo"}\n');
      expect(said).toContain('"type":"turn.ended"');
      expect(daemon.stdout()).toContain(`Its inspector, for a browser: ${daemon.url}/ui/\n`);
    },
  );
});

it.each([
  ["127.0.0.1", "http://127.0.0.1:2468"],
  ["0.0.0.0", "http://127.0.0.1:2468"],
  ["::", "http://127.0.0.1:2468"],
  ["::1", "http://[::1]:2468"],
  ["localhost", "http://localhost:2468"],
])("a server on %s says that it is at %s", (host, url) => {
  const [first] = greeting({ host, port: 2468, token: undefined }).split("\n");
  expect(first).toBe(`sandbox-agent listens on ${url}`);
});

/** The command line that a greeting shows. */
function commandOf(said: string): string {
  const line = said.split("\n").find((text) => text.startsWith("  curl "));
  if (line === undefined) throw new Error(`There is no command in: ${said}`);
  return line;
}
